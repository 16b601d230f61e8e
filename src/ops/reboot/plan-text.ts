/** A plan for a person who must decide whether to carry it out. */
import { type Plan, type PlannedNode, verdictOfPlan } from './plan.js';

/** `where`: the API server and the context by which it was asked. */
export function planText(plan: Plan, where: string): readonly string[] {
  const { nodes, left, unfinished, cluster } = plan;
  return [
    `${cluster}: ${where}`,
    ...(unfinished === null
      ? []
      : [
          `a roll stands unfinished: ${unfinished.roll.nodes.join(', ')} for ${unfinished.roll.by} (${unfinished.roll.reason}), done ${unfinished.roll.done.join(', ') || 'none'}`,
          ...(unfinished.roll.stopped === null ? [] : [`  it stopped: ${unfinished.roll.stopped.why}`]),
          ...unfinished.stands.map((line) => `  ${line}`),
          '  --apply goes on with it, and with nothing else; --undo takes back what stands',
        ]),
    ...(nodes.length === 0 ? ['no node waits for a reboot'] : ['would reboot, one after the other:']),
    ...nodes.flatMap(nodeText),
    ...(left.length === 0 || nodes.length === 0 ? [] : [`left alone: ${left.join(', ')}`]),
    ...(nodes.length === 0 ? [] : [VERDICTS[verdictOfPlan(plan)]]),
    'nothing has been changed',
  ];
}

const VERDICTS = {
  clear: 'nothing is in the way',
  blocked: 'it would stop before the first node that something is in the way of',
  unknown: 'it would stop before the first node of which something cannot be told',
} as const;

function nodeText(node: PlannedNode, index: number): readonly string[] {
  const { name, role, reason, reached, moves, stays, withoutReady, blocks, unknown } = node;
  const part = (title: string, lines: readonly string[]): readonly string[] =>
    lines.map((line, at) => `     ${(at === 0 ? title : '').padEnd(13)}${line}`);
  return [
    `${String(index + 1).padStart(3)}  ${name} (${role}): ${reason}`,
    ...part('reached', reached === null ? [] : [reached]),
    ...part(
      'moves',
      moves.map(({ workload, pods }) => (pods === 1 ? workload : `${workload} (${pods} pods)`)),
    ),
    ...part(
      'stays',
      stays.map(({ pod, why }) => `Pod ${pod}, and goes down with its node: ${why}`),
    ),
    ...part(
      'is away',
      withoutReady.map((workload) => `${workload} has one replica: nothing answers while it moves`),
    ),
    ...part('in the way', blocks),
    ...part('not known', unknown),
  ];
}

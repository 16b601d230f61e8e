/** A plan for a person who must decide whether to carry it out. */
import { type Plan, type PlannedNode, verdictOfPlan } from './plan.js';

/** `where`: the API server and the context by which it was asked. */
export function planText(plan: Plan, where: string): readonly string[] {
  const { nodes, left, unfinished, cluster } = plan;
  const begun = standsText(plan);
  const goesOn =
    unfinished === null
      ? '  --undo takes it back'
      : '  --apply goes on with it, and with nothing else; --undo takes back what stands';
  return [
    `${cluster}: ${where}`,
    ...begun,
    ...(begun.length === 0 ? [] : [goesOn]),
    ...(nodes.length === 0
      ? ['no node waits for a reboot']
      : [`${unfinished === null ? '' : AFTERWARDS}would reboot, one after the other:`]),
    ...nodes.flatMap(nodeText),
    ...(left.length === 0 || nodes.length === 0 ? [] : [`left alone: ${left.join(', ')}`]),
    ...(nodes.length === 0 ? [] : [VERDICTS[verdictOfPlan(plan)]]),
  ];
}

/** Before the first step is taken. */
export function beginText(plan: Plan, where: string): readonly string[] {
  if (plan.unfinished === null) return planText(plan, where);
  return [`${plan.cluster}: ${where}`, ...standsText(plan), 'goes on with it, and with nothing else'];
}

/** What `--undo` would take back. */
export function undoText(plan: Plan, where: string): readonly string[] {
  const begun = standsText(plan);
  return [
    `${plan.cluster}: ${where}`,
    ...begun,
    begun.length === 0
      ? 'no roll stands unfinished: there is nothing to take back'
      : 'would take back marks, cordons of the roll and its Jobs, where that is safe, and end the roll',
  ];
}

function standsText({ unfinished, stands }: Plan): readonly string[] {
  const lines = stands.map((line) => `  ${line}`);
  if (unfinished === null)
    return lines.length === 0 ? [] : ['a roll that no Lease tells of any more has left:', ...lines];
  const { nodes, by, reason, done, stopped } = unfinished.roll;
  return [
    `a roll stands unfinished: ${nodes.join(', ')} for ${by} (${reason}), done ${done.join(', ') || 'none'}`,
    ...(stopped === null ? [] : [`  it stopped: ${stopped.why}`]),
    ...lines,
  ];
}

const AFTERWARDS = 'asked for again after that, it ';

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

/** What a person is told of a roll while it goes: a line for each step, with the time since it began. */
import type { Downtime } from './downtime.js';
import type { End, Step } from './state.js';

/** `   12.3 s`, right-aligned; minutes from the second one on. */
export function elapsedText(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 120) return `${seconds.toFixed(1)} s`.padStart(9);
  return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`.padStart(9);
}

/** Null: nobody has to read it. */
export function stepText(step: Step): string | null {
  switch (step.do) {
    case 'lease':
      return step.what === 'renew' ? null : `lock: ${step.why}`;
    case 'remove-lease':
      return `lock: ${step.why}`;
    case 'check':
      return `${step.node}: ${QUESTIONS[step.phase]}`;
    case 'mark':
      return `${step.node}: ${WRITES[step.what]}: ${step.why}`;
    case 'evict':
      return `${step.node}: drain: evict ${step.pods.map(({ namespace, name }) => `${namespace}/${name}`).join(', ')}`;
    case 'reboot':
      return `${step.node}: reboot out of boot ${step.bootId}`;
    case 'remove-job':
      return `${step.node}: remove its Job: ${step.why}`;
    case 'wait':
      return `${step.node === null ? '' : `${step.node}: `}${step.phase}: wait ${step.why}`;
    case 'end':
      return null;
  }
}

const QUESTIONS = {
  before: 'check: may it go down',
  after: 'verify: is all well with it back',
  settled: 'settle: are its volumes whole',
} as const;

const WRITES = {
  cordon: 'cordon and mark',
  step: 'mark',
  note: 'mark',
  'give-back': 'take cordon and mark off',
} as const;

/** The end of a run in words, without the figures. */
export function endText(end: End): readonly string[] {
  switch (end.kind) {
    case 'finished':
      return [
        end.done.length === 0 ? 'nothing to reboot' : `done: ${end.done.join(', ')} rebooted and verified`,
        ...(end.elsewhere.length === 0 ? [] : [`rebooted meanwhile by somebody else: ${end.elsewhere.join(', ')}`]),
        ...(end.kept ?? []),
      ];
    case 'closed':
      return [
        end.done.length === 0 ? 'no node was rebooted' : `done: ${end.done.join(', ')} rebooted and verified`,
        `the time for it is over${end.open.length === 0 ? '' : `; still to go, in the next: ${end.open.join(', ')}`}`,
      ];
    case 'undone':
      return end.left.length === 0
        ? ['undone: no node is marked, the lock is free']
        : ['undone as far as is safe; still there:', ...end.left.map((line) => `  ${line}`)];
    default:
      return [
        `${end.kind} at ${end.node === null ? '' : `${end.node}, `}${end.step}: ${end.why}`,
        ...(end.left.length === 0 ? [] : ['what stands:', ...end.left.map((line) => `  ${line}`)]),
        `next: ${end.next}`,
      ];
  }
}

export function downtimeText(all: readonly Downtime[]): readonly string[] {
  const tenths = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  if (all.length === 0) return ['no workload was seen below its desired replicas'];
  return [
    'below the desired replicas, as sampled:',
    ...all.map(
      ({ workload, belowMs, withoutMs }) =>
        `  ${tenths(belowMs).padStart(9)}  ${workload}${withoutMs === 0 ? '' : ` (${tenths(withoutMs)} without any ready one)`}`,
    ),
  ];
}

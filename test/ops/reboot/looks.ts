/** Single looks at a small cluster, and the state of a run that has held the lock for a while. */
import type { CheckResult } from '../../../src/ops/check/result.js';
import type { Mark, Roll, RollState, Seen, SeenJob, SeenNode, SeenPod } from '../../../src/ops/reboot/state.js';
import { NOTHING_WATCHED, watch } from '../../../src/ops/reboot/watch.js';
import { OPTIONS } from './run.js';
import { World } from './world.js';

export const NOW = 1_000_000;

export const world = (): World => new World().addNode('attic').addNode('barn').addNode('cellar', 'control-plane');

export const ROLL: Roll = {
  ...{
    id: 'r-1',
    reason: 'a new kernel',
    by: 'ada',
    nodes: ['attic', 'barn'],
    done: [],
    settling: null,
    stopped: null,
  },
  boots: { attic: 'attic-boot-1', barn: 'barn-boot-1', cellar: 'cellar-boot-1' },
};

export const MARK: Mark = {
  ...{ roll: 'r-1', step: 'drain', bootId: 'attic-boot-1', cordoned: 'by-us' },
  ...{ workloads: [], before: [], why: null },
};

export const PASSED: CheckResult = {
  ...{ check: 'nodes', subject: 'all', verdict: 'pass', expected: '', found: 'all is well' },
  ...{ incident: null, next: '', cause: null },
};

/** A run that has held the lock for a while; `seen` was looked at just now. */
export function state(seen: Seen, rest: Partial<RollState> = {}): RollState {
  const held: Seen = {
    ...seen,
    lease: { ...{ uid: 'lease', resourceVersion: '7', holder: 'me', durationMs: 60_000 }, roll: ROLL, ...seen.lease },
  };
  return {
    ...{ options: OPTIONS, me: 'me', lookedAt: NOW, now: NOW, renewedAt: NOW - 1, seen: held, checked: null },
    ask: { id: 'r-2', reason: 'none', by: 'ada', nodes: [] },
    watched: watch(NOTHING_WATCHED, held, 'me', NOW - 40_000),
    tries: new Map(),
    ...rest,
  };
}

export const withNode = (seen: Seen, name: string, change: Partial<SeenNode>): Seen => ({
  ...seen,
  nodes: seen.nodes.map((node) => (node.name === name ? { ...node, ...change } : node)),
});

export const withPods = (seen: Seen, change: (pod: SeenPod) => Partial<SeenPod>): Seen => ({
  ...seen,
  pods: seen.pods.map((pod) => ({ ...pod, ...change(pod) })),
});

export const marked = (seen: Seen, mark: Partial<Mark> = {}): Seen =>
  withNode(seen, 'attic', { unschedulable: true, mark: { ...MARK, ...mark } });

/** With another roll on the Lease, which this run holds. */
export const rolling = (seen: Seen, roll: Partial<Roll>): Seen => ({
  ...seen,
  lease: { ...{ uid: 'lease', resourceVersion: '7', holder: 'me', durationMs: 60_000 }, roll: { ...ROLL, ...roll } },
});

/** What is there has been so for that long. */
export const lasting = (seen: Seen, ms: number, rest: Partial<RollState> = {}): RollState =>
  state(seen, { watched: watch(NOTHING_WATCHED, state(seen).seen, 'me', NOW - ms), ...rest });

export const withJob = (seen: Seen, job: Partial<SeenJob> = {}): Seen => ({
  ...seen,
  jobs: [
    {
      ...{ node: 'attic', uid: 'j-1', roll: 'r-1', bootId: 'attic-boot-1', said: '', going: false },
      progress: 'waiting',
      ...job,
    },
  ],
});

/** A hundred nodes and five thousand pods: how often each pod is looked at, which no clock of a busy machine changes. */
import { describe, expect, test } from 'vitest';
import { nextStep } from '../../../src/ops/reboot/next-step.js';
import type { Mark, Roll, RollState, Seen, SeenPod } from '../../../src/ops/reboot/state.js';
import { NOTHING_WATCHED, watch } from '../../../src/ops/reboot/watch.js';
import { OPTIONS } from './run.js';
import { World } from './world.js';

const NODES = Array.from({ length: 100 }, (_, index) => `node-${index}`);

function world(): World {
  const big = new World();
  for (const name of NODES) big.addNode(name, name === 'node-0' ? 'control-plane' : 'worker');
  // 1,600 workloads of three replicas, and a DaemonSet that has one pod on each node and another one.
  const on = (index: number): string => NODES[index % NODES.length] ?? '';
  for (let each = 0; each < 1_600; each += 1) {
    const workload = { kind: 'Deployment', name: `d${each}`, desired: 3, apart: true } as const;
    big.addWorkload(workload, on(each), on(each + 1), on(each + 2));
  }
  for (const name of ['agent', 'proxy']) big.addWorkload({ kind: 'DaemonSet', name, desired: 100 }, ...NODES);
  return big;
}

const ROLL: Roll = {
  ...{ id: 'r-1', reason: 'a new kernel', by: 'ada', nodes: NODES, done: [], settling: null, stopped: null },
  boots: Object.fromEntries(NODES.map((name) => [name, `${name}-boot-1`])),
};

/** How often a pod was asked for its owner, for each pod, in the one decision. */
function looksAtEachPod(seen: Seen, rest: Partial<RollState> = {}) {
  let asked = 0;
  const counted = (pod: SeenPod): SeenPod =>
    Object.defineProperty({ ...pod }, 'owner', {
      get: () => {
        asked += 1;
        return pod.owner;
      },
    });
  const lease = { uid: 'lease', resourceVersion: '7', holder: 'me', durationMs: 60_000, roll: ROLL, ...seen.lease };
  const held: Seen = { ...seen, lease, pods: seen.pods.map(counted) };
  const step = nextStep({
    ...{ options: OPTIONS, me: 'me', lookedAt: 1_000, now: 1_000, renewedAt: 999, seen: held, checked: null },
    ask: { id: 'r-2', reason: 'none', by: 'ada', nodes: [] },
    watched: watch(NOTHING_WATCHED, held, 'me', 0),
    tries: new Map(),
    ...rest,
  });
  return { step, perPod: asked / seen.pods.length };
}

describe('a decision among 5,000 pods', () => {
  const seen = world().look();
  const workloads = seen.workloads.map(({ kind, name }) => `${kind} shop/${name}`);
  const mark: Mark = {
    ...{ roll: 'r-1', step: 'drain', bootId: 'node-1-boot-1', cordoned: 'by-us', workloads, before: [], why: null },
  };
  const draining: Seen = {
    ...seen,
    nodes: seen.nodes.map((node) => (node.name === 'node-1' ? { ...node, unschedulable: true, mark } : node)),
  };
  const results = [
    {
      ...{ check: 'nodes', subject: 'all', verdict: 'pass' as const, expected: '', found: 'all is well' },
      ...{ incident: null, next: '', cause: null },
    },
  ];

  test('has as many as that', () => {
    expect([seen.nodes.length, seen.pods.length, seen.workloads.length]).toEqual([100, 5_000, 1_602]);
  });

  test.each([
    ['to cordon', 'mark', seen, { checked: { node: 'node-0', phase: 'before', at: 1_000, results } }],
    ['to evict', 'evict', draining, {}],
    [
      'to settle',
      'wait',
      {
        ...seen,
        lease: {
          ...({} as NonNullable<Seen['lease']>),
          roll: { ...ROLL, done: ['node-0'], settling: { node: 'node-0', workloads } },
        },
      },
      {},
    ],
  ] as const)('%s looks at no pod more than a few times', (_, does, looked, rest) => {
    const { step, perPod } = looksAtEachPod(looked, rest);

    expect(step.do).toBe(does);
    expect(perPod).toBeGreaterThan(0.5);
    expect(perPod).toBeLessThan(10);
  });
});

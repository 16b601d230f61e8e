import { expect, test } from 'vitest';
import { downtimes, type Sampled, sample } from '../../../src/ops/reboot/downtime.js';
import { downtimeText } from '../../../src/ops/reboot/progress.js';
import type { Seen } from '../../../src/ops/reboot/state.js';
import { World } from './world.js';

const world = (): World =>
  new World()
    .addNode('attic')
    .addWorkload({ kind: 'Deployment', name: 'cart', desired: 2 }, 'attic', 'attic')
    .addWorkload({ kind: 'Deployment', name: 'single', desired: 1 }, 'attic')
    .addWorkload({ kind: 'DaemonSet', name: 'agent', desired: 1 }, 'attic');

/** So many ready pods of each. */
function seen(ready: Readonly<Record<string, number>>): Seen {
  const look = world().look();
  const left = new Map(Object.entries(ready));
  return {
    ...look,
    pods: look.pods.map((pod) => {
      const name = pod.owner?.name ?? '';
      const more = left.get(name) ?? 0;
      left.set(name, more - 1);
      return { ...pod, ready: more > 0 };
    }),
  };
}

const sampled = (...looks: readonly (readonly [number, Seen])[]) =>
  downtimes(looks.reduce<Sampled | null>((before, [at, look]) => sample(before, look, at), null));

test('a workload is below what is desired from the look that shows it to the next one that does not', () => {
  const all = seen({ cart: 2, single: 1, agent: 1 });

  expect(
    sampled(
      [0, all],
      [1_000, seen({ cart: 1, single: 1, agent: 0 })],
      [1_500, seen({ cart: 0, single: 1 })],
      [4_000, all],
    ),
  ).toEqual([{ workload: 'Deployment shop/cart', belowMs: 3_000, withoutMs: 2_500 }]);
});

test('the longest comes first, and one that was never short does not come', () => {
  const lookAt = (at: number, ready: Readonly<Record<string, number>>) => [at, seen(ready)] as const;

  expect(
    sampled(
      lookAt(0, { cart: 1, single: 0 }),
      lookAt(700, { cart: 1, single: 1 }),
      lookAt(900, { cart: 2, single: 1 }),
    ),
  ).toEqual([
    { workload: 'Deployment shop/cart', belowMs: 900, withoutMs: 0 },
    { workload: 'Deployment shop/single', belowMs: 700, withoutMs: 700 },
  ]);
  expect(sampled(lookAt(0, { cart: 2, single: 1 }), lookAt(10_000, { cart: 2, single: 1 }))).toEqual([]);
});

test('a pod that is ending does not count as ready', () => {
  const ending = seen({ cart: 2, single: 1 });
  const pods = ending.pods.map((pod) => ({ ...pod, terminating: pod.owner?.name === 'single' }));

  expect(sampled([0, { ...ending, pods }], [500, ending])).toEqual([
    { workload: 'Deployment shop/single', belowMs: 500, withoutMs: 500 },
  ]);
});

test('a workload that is scaled to nothing is not short', () => {
  const none = seen({ cart: 0, single: 1 });
  const workloads = none.workloads.map((workload) => ({ ...workload, desired: workload.name === 'cart' ? 0 : 1 }));

  expect(sampled([0, { ...none, workloads }], [500, none])).toEqual([]);
});

test('in words: each with its time, or that there was none', () => {
  expect(downtimeText([])).toEqual(['no workload was seen below its desired replicas']);
  expect(
    downtimeText([
      { workload: 'Deployment shop/cart', belowMs: 12_345, withoutMs: 0 },
      { workload: 'Deployment shop/single', belowMs: 700, withoutMs: 700 },
    ]),
  ).toEqual([
    'below the desired replicas, as sampled:',
    '     12.3 s  Deployment shop/cart',
    '      0.7 s  Deployment shop/single (0.7 s without any ready one)',
  ]);
});

/** Which pods of a node are asked to go, and which never are. */
import { describe, expect, test } from 'vitest';
import { drainOf, refusals, withoutReady } from '../../../src/ops/reboot/drain.js';
import type { RollOptions, Seen, SeenPod, Try } from '../../../src/ops/reboot/state.js';
import { NOW, state, withPods, world } from './looks.js';
import { OPTIONS } from './run.js';

const OURS: Partial<SeenPod> = {
  ...{ namespace: 'kube-system', owner: { kind: 'Job', name: 'selfheal-reboot-attic' } },
};
const RULE = { namespace: 'shop', labels: new Map(), why: 'its disk is stale', when: 'leave' } as const;

const single = (): Seen => world().addWorkload({ kind: 'Deployment', name: 'cart', desired: 1 }, 'attic').look();
const bare = (): Seen => world().addBare('notes', 'attic').look();

const drained = (seen: Seen, options: Partial<RollOptions> = {}, tries: ReadonlyMap<string, Try> = new Map(), ms = 0) =>
  drainOf(state(seen, { options: { ...OPTIONS, ...options }, tries }), 'attic', ms);

describe('a pod stays on its node', () => {
  test.each<[string, Partial<SeenPod>]>([
    ['that has ended', { completed: true }],
    ['that the kubelet makes of a file', { mirror: true }],
    ['of a DaemonSet', { owner: { kind: 'DaemonSet', name: 'agent' } }],
    ['of the Job that reboots it', OURS],
  ])('%s', (_, pod) => {
    expect(drained(withPods(single(), () => pod))).toEqual({ leaving: [], evict: [], waits: [] });
    expect(
      refusals(
        'attic',
        withPods(bare(), () => ({ owner: null, ...pod })),
        OPTIONS,
      ),
    ).toEqual([]);
  });

  test.each<[string, Partial<SeenPod>]>([
    ['of a Job of that name elsewhere', { ...OURS, namespace: 'shop' }],
    ['of something else of that name', { ...OURS, owner: { kind: 'ReplicaSet', name: 'selfheal-reboot-attic' } }],
    ["of another node's Job", { ...OURS, owner: { kind: 'Job', name: 'selfheal-reboot-barn' } }],
  ])('not one %s', (_, pod) => {
    expect(drained(withPods(single(), () => pod)).evict).toHaveLength(1);
  });

  test('that is protected, and not one like it of another namespace', () => {
    expect(drained(single(), { protected: [RULE] }).leaving).toEqual([]);
    expect(drained(single(), { protected: [{ ...RULE, namespace: 'other' }] }).evict).toHaveLength(1);
  });
});

describe('a pod that nobody makes again', () => {
  test('is never asked to go, also one that came in the middle of the drain, unless somebody said so', () => {
    const waits = [expect.stringMatching(/^Pod shop\/notes: it must not be evicted$/)];

    expect(drained(bare())).toMatchObject({ evict: [], waits });
    expect(drained(bare(), { bare: 'delete' }).evict).toHaveLength(1);
    expect(refusals('attic', bare(), { ...OPTIONS, bare: 'delete' })).toEqual([]);
  });

  test('is in the way of its own node alone', () => {
    expect(refusals('barn', bare(), OPTIONS)).toEqual([]);
    expect(refusals('attic', bare(), OPTIONS)).toHaveLength(1);
  });
});

describe('of several replicas', () => {
  const three = (...on: readonly string[]): Seen =>
    world()
      .addWorkload({ kind: 'Deployment', name: 'cart', desired: 3 }, ...on)
      .look();
  const held = (evict: ReturnType<typeof drained>) => ({ evict: evict.evict.length, waits: evict.waits.length });
  const nth = (seen: Seen, index: number, change: Partial<SeenPod>): Seen => ({
    ...seen,
    pods: seen.pods.map((pod, at) => (at === index ? { ...pod, ...change } : pod)),
  });

  test('none goes while another is on its way, ends or has ended', () => {
    const all = three('attic', 'barn', 'cellar');

    expect(held(drained(all))).toEqual({ evict: 1, waits: 0 });
    for (const change of [{ ready: false }, { terminating: true }, { completed: true }])
      expect(held(drained(nth(all, 1, change)))).toEqual({ evict: 0, waits: 1 });
  });

  test('one that was told to go counts as gone, although it does not show it yet', () => {
    const all = three('attic', 'barn', 'cellar');
    const told = (text: string | null) => new Map([[all.pods[1]?.uid ?? '', { at: NOW - 100, count: 1, held: text }]]);

    expect(held(drained(all, {}, told(null)))).toEqual({ evict: 0, waits: 1 });
    expect(held(drained(all, {}, told('a budget')))).toEqual({ evict: 1, waits: 0 });
  });

  test('after a minute one may go that has another ready elsewhere, and none whose others are here too', () => {
    const here = nth(three('attic', 'attic', 'attic'), 2, { ready: false });
    const apart = nth(three('attic', 'barn', 'barn'), 2, { ready: false });

    // The one that is not ready keeps nothing up.
    expect(drained(here, {}, new Map(), 60_000).evict.map(({ ready }) => ready)).toEqual([false]);
    expect(held(drained(apart, {}, new Map(), 59_999)).evict).toBe(0);
    expect(held(drained(apart, {}, new Map(), 60_000)).evict).toBe(1);
  });

  test('one that ends, or is on this node, does not keep a workload up', () => {
    const two = world().addWorkload({ kind: 'Deployment', name: 'cart', desired: 2 }, 'attic', 'barn').look();
    const down = (seen: Seen) => withoutReady(seen, ['Deployment shop/cart'], 'attic', OPTIONS);

    expect(down(two)).toEqual([]);
    expect(down(nth(two, 1, { terminating: true }))).toEqual(['Deployment shop/cart']);
    expect(down(nth(two, 1, { ready: false }))).toEqual(['Deployment shop/cart']);
    expect(down(nth(two, 1, { node: 'attic' }))).toEqual(['Deployment shop/cart']);
  });
});

test('a pod of what the look does not know, and of what may be down, goes at once', () => {
  const job = withPods(single(), () => ({ owner: { kind: 'Job', name: 'import' } }));
  const pair = world().addWorkload({ kind: 'StatefulSet', name: 'pair', desired: 2 }, 'attic').look();

  expect(drained(job).evict).toHaveLength(1);
  expect(drained(pair).evict).toHaveLength(0);
  expect(drained(pair, { mayBeDown: ['shop/pair'] }).evict).toHaveLength(1);
});

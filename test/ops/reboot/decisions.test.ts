/** Single looks that a whole roll rarely or never has: what is next then. */
import { describe, expect, test } from 'vitest';
import { drainOf, withoutReady } from '../../../src/ops/reboot/drain.js';
import { nextStep } from '../../../src/ops/reboot/next-step.js';
import type { Seen, SeenPod } from '../../../src/ops/reboot/state.js';
import { NOTHING_WATCHED, watch } from '../../../src/ops/reboot/watch.js';
import { unsettled, wholeOn } from '../../../src/ops/reboot/workloads.js';
import { MARK, marked, NOW, PASSED, ROLL, state, withNode, withPods, world } from './looks.js';
import { OPTIONS } from './run.js';

const LEASE = { uid: 'lease', resourceVersion: '7', holder: 'me', durationMs: 60_000 };

describe('a drain', () => {
  const drained = (seen: Seen) => drainOf(state(seen), 'attic', 0);

  test('lets what others need while they stop go when nothing else is left', () => {
    const of = world()
      .addWorkload({ kind: 'Deployment', name: 'dns', desired: 1 }, 'attic')
      .addWorkload({ kind: 'Deployment', name: 'cart', desired: 1 }, 'attic')
      .look();
    const seen = withPods(of, ({ owner }) => ({ priority: owner?.name === 'dns' ? 1_000_000_000 : 999_999_999 }));
    const last = { ...seen, pods: seen.pods.filter(({ owner }) => owner?.name === 'dns') };

    expect(drained(seen).evict.map(({ owner }) => owner?.name)).toEqual(['cart']);
    expect(drained(seen).leaving).toHaveLength(2);
    expect(drained(last).evict.map(({ owner }) => owner?.name)).toEqual(['dns']);
  });

  test('asks ten at once, and no more', () => {
    const many = world();
    for (let each = 0; each < 14; each += 1)
      many.addWorkload({ kind: 'Deployment', name: `d${each}`, desired: 1 }, 'attic');

    expect(drained(many.look()).evict).toHaveLength(10);
  });
});

describe('workloads', () => {
  const seen = world()
    .addWorkload({ kind: 'Deployment', name: 'whole', desired: 2 }, 'attic', 'barn')
    .addWorkload({ kind: 'Deployment', name: 'short', desired: 3 }, 'attic', 'barn')
    .addWorkload({ kind: 'Deployment', name: 'single', desired: 1 }, 'attic')
    .addWorkload({ kind: 'Deployment', name: 'elsewhere', desired: 1 }, 'barn')
    .addWorkload({ kind: 'Deployment', name: 'tied', desired: 2 }, 'attic', 'attic')
    .addWorkload({ kind: 'DaemonSet', name: 'agent', desired: 2 }, 'attic', 'barn')
    .look();
  const all = seen.workloads.map(({ kind, name }) => `${kind} shop/${name}`);

  test('that are whole and have a pod on the node are those that have to be whole again', () => {
    expect(wholeOn(seen, 'attic')).toEqual(['Deployment shop/whole', 'Deployment shop/single', 'Deployment shop/tied']);
  });

  test('that lack ready pods are named, of those that are asked about', () => {
    const lacks = (of: Seen, workloads: readonly string[]) => unsettled(of, { node: 'attic', workloads });

    expect(lacks(seen, all)).toEqual({ lacks: ['Deployment shop/short: 1 of 3 not ready'], kept: [] });
    expect(lacks(seen, ['Deployment shop/whole'])).toEqual({ lacks: [], kept: [] });
    expect(
      lacks(
        withPods(seen, () => ({ terminating: true })),
        ['Deployment shop/whole'],
      ),
    ).toEqual({ lacks: ['Deployment shop/whole: 2 of 2 not ready'], kept: [] });
  });

  test('are kept out by whoever keeps the node cordoned only where no pod lacks more than a place', () => {
    const one = world().addWorkload({ kind: 'Deployment', name: 'apart', desired: 2 }, 'barn').look();
    const waits = { ...one.pods[0], uid: 'waits', node: null, ready: false, unplaced: true } as SeenPod;
    const short = (pod: Partial<SeenPod>, unschedulable = true) =>
      unsettled(withNode({ ...one, pods: [...one.pods, { ...waits, ...pod }] }, 'attic', { unschedulable }), {
        ...{ node: 'attic', workloads: ['Deployment shop/apart'] },
      });
    const line = 'Deployment shop/apart: 1 of 2 not ready';

    expect(short({})).toEqual({ lacks: [], kept: [line] });
    expect(short({}, false)).toEqual({ lacks: [line], kept: [] });
    expect(short({ unplaced: false })).toEqual({ lacks: [line], kept: [] });
    expect(short({ terminating: true })).toEqual({ lacks: [line], kept: [] });
    expect(short({ owner: null })).toEqual({ lacks: [line], kept: [] });
    const elsewhere = withNode({ ...one, pods: [...one.pods, waits] }, 'cellar', { unschedulable: true });
    expect(unsettled(elsewhere, { node: 'attic', workloads: ['Deployment shop/apart'] }).lacks).toEqual([line]);
  });

  test('of several replicas must have a ready pod elsewhere, unless somebody said otherwise', () => {
    const rule = { namespace: 'shop', labels: new Map(), why: 'stale', when: 'leave' } as const;

    expect(withoutReady(seen, all, 'attic', OPTIONS)).toEqual(['Deployment shop/tied']);
    expect(withoutReady(seen, all, 'attic', { ...OPTIONS, mayBeDown: ['shop/tied'] })).toEqual([]);
    expect(withoutReady(seen, all, 'attic', { ...OPTIONS, protected: [rule] })).toEqual([]);
  });
});

describe('before a node goes', () => {
  const results = [PASSED];

  test('the answer of its check must be no older than half a minute', () => {
    const at = (age: number) =>
      nextStep(state(world().look(), { checked: { node: 'attic', phase: 'before', at: NOW - age, results } }));

    expect(at(29_999)).toMatchObject({ do: 'mark', what: 'cordon', node: 'attic' });
    expect(at(30_000)).toEqual({ do: 'check', node: 'attic', phase: 'before' });
  });

  test.each([
    ['of another node', { node: 'barn', phase: 'before' as const }],
    ['of a node that is back', { node: 'attic', phase: 'after' as const }],
  ])('the answer %s is none', (_, checked) => {
    expect(nextStep(state(world().look(), { checked: { ...checked, at: NOW - 1, results } }))).toMatchObject({
      do: 'check',
    });
  });

  test('an API server that was away while it was asked is asked again, for a minute; another unknown is an answer', () => {
    const results = [{ ...PASSED, verdict: 'unknown' as const, found: 'connect ECONNREFUSED' }];
    const asked = (forMs: number, unanswered?: true) => {
      const seen = world().look();
      const watched = watch(NOTHING_WATCHED, state(seen).seen, 'me', NOW - forMs);
      const checked = { node: 'attic', phase: 'before' as const, at: NOW - 100, results };
      return nextStep(state(seen, { watched, checked: unanswered ? { ...checked, unanswered } : checked }));
    };

    expect(asked(200)).toMatchObject({ do: 'lease', what: 'stop' });
    expect(asked(200, true)).toMatchObject({
      do: 'wait',
      phase: 'check',
      why: expect.stringContaining('ECONNREFUSED'),
    });
    expect(asked(59_999, true)).toMatchObject({ do: 'wait' });
    expect(asked(60_000, true)).toMatchObject({ do: 'lease', what: 'stop' });
  });

  test('every node must be Ready, itself too, and the check is not even asked', () => {
    for (const down of ['attic', 'barn', 'cellar']) {
      expect(nextStep(state(withNode(world().look(), down, { ready: false })))).toMatchObject({
        ...{
          do: 'lease',
          what: 'stop',
          roll: { stopped: { node: 'attic', step: 'check', why: `node ${down} is not Ready` } },
        },
      });
    }
  });

  test('a pod that is on its way already is not in the way', () => {
    const bare = world().addBare('notes', 'attic').look();

    expect(nextStep(state(bare))).toMatchObject({ do: 'lease', what: 'stop' });
    expect(nextStep(state(withPods(bare, () => ({ terminating: true }))))).toMatchObject({ do: 'check' });
  });
});

describe('a node under way', () => {
  test('is not marked to go down while another one is not Ready', () => {
    const seen = marked(world().look());

    expect(nextStep(state(seen))).toMatchObject({ do: 'mark', what: 'step', mark: { step: 'reboot' } });
    expect(nextStep(state(withNode(seen, 'barn', { ready: false })))).toMatchObject({
      ...{ do: 'wait', phase: 'drain', why: 'node barn is not Ready' },
    });
  });

  test('is not rebooted while another one is not Ready, nor itself', () => {
    const seen = marked(world().look(), { step: 'reboot' });

    expect(nextStep(state(seen))).toMatchObject({ do: 'reboot', node: 'attic', bootId: 'attic-boot-1' });
    for (const down of ['attic', 'barn'])
      expect(nextStep(state(withNode(seen, down, { ready: false })))).toMatchObject({
        ...{ do: 'wait', phase: 'reboot', why: `node ${down} is not Ready` },
      });
  });

  test('is given up where its reboot could not be asked for within its time', () => {
    const seen = marked(world().look(), { step: 'reboot' });
    const later = { watched: state(seen).watched, now: NOW + 20_000, lookedAt: NOW + 20_000, renewedAt: NOW + 19_999 };
    const justBefore = { ...later, now: NOW + 19_999, lookedAt: NOW + 19_999 };

    expect(nextStep(state(seen, justBefore))).toMatchObject({ do: 'reboot' });
    expect(nextStep(state(seen, later))).toMatchObject({
      do: 'lease',
      roll: { stopped: { node: 'attic', why: 'not begun within its time: it could not be asked for' } },
    });
  });

  test('has the Job of an earlier boot removed', () => {
    const job = { node: 'attic', uid: 'j-1', roll: 'r-0', bootId: 'attic-boot-0', said: '', going: false } as const;
    const seen = { ...marked(world().look(), { step: 'reboot' }), jobs: [{ ...job, progress: 'begun' as const }] };

    expect(nextStep(state(seen))).toMatchObject({ do: 'remove-job', uid: 'j-1', why: 'it is of an earlier boot' });
  });

  test('is well only by an answer that is no older than half a minute', () => {
    const seen = withNode(marked(world().look(), { step: 'reboot' }), 'attic', { bootId: 'attic-boot-2' });
    const at = (age: number) =>
      nextStep(state(seen, { checked: { node: 'attic', phase: 'after', at: NOW - age, results: [PASSED] } }));

    expect(at(29_999)).toMatchObject({ do: 'lease', what: 'done', roll: { done: ['attic'] } });
    expect(at(30_000)).toEqual({ do: 'check', node: 'attic', phase: 'after' });
  });
});

describe('a run that has seen the Lease change', () => {
  const lease = { uid: 'lease', resourceVersion: '7', holder: '', durationMs: 60_000, roll: ROLL };
  const whyOf = (now: Seen['lease']) => {
    const before: Seen = { ...world().look(), lease: { ...lease, resourceVersion: '6', holder: 'ada@desk/1' } };
    const seen: Seen = { ...before, lease: now };
    const watched = watch(watch(NOTHING_WATCHED, before, 'me', NOW - 2_000), seen, 'me', NOW);
    const step = nextStep({ ...state(seen), seen, watched });
    return step.do === 'end' && step.end.kind === 'refused' ? step.end.why : step;
  };

  test('takes nothing, and says who works or for whom it was', () => {
    expect(whyOf({ ...lease, holder: 'ada@desk/1' })).toBe('ada@desk/1 is at work, and holds the Lease');
    expect(whyOf(lease)).toBe('a run for ada has just ended');
    expect(whyOf({ ...lease, roll: 'unreadable' })).toBe('another run has just ended');
    expect(whyOf(null)).toBe('another run has just ended');
  });
});

describe('a mark that this run has seen, and that is gone', () => {
  const gone = (node: string, done: readonly string[] = []) => {
    const before = state({ ...world().look(), lease: { ...LEASE, roll: { ...ROLL, done } } });
    return nextStep({ ...before, watched: { ...before.watched, marked: { node, cordoned: true } } });
  };

  test('stops the roll, unless its node is done or was never to go', () => {
    expect(gone('attic')).toMatchObject({
      ...{ do: 'lease', what: 'stop', roll: { stopped: { node: 'attic', why: 'somebody has taken its mark off' } } },
    });
    expect(gone('attic', ['attic'])).toMatchObject({ do: 'check', node: 'barn' });
    expect(gone('cellar')).toMatchObject({ do: 'check', node: 'attic' });
  });
});

describe('what no roll of ours has left', () => {
  test('stops it: two marked nodes', () => {
    const seen = withNode(marked(world().look()), 'barn', { mark: { ...MARK, bootId: 'barn-boot-1' } });

    expect(nextStep(state(seen))).toMatchObject({
      ...{
        do: 'lease',
        what: 'stop',
        roll: { stopped: { node: null, why: 'more than one node is marked: attic, barn' } },
      },
    });
  });

  test('stops it: a mark that nobody can read', () => {
    const seen = withNode(world().look(), 'barn', { mark: 'unreadable' });

    expect(nextStep(state(seen))).toMatchObject({
      ...{ do: 'lease', what: 'stop', roll: { stopped: { node: 'barn', why: "its mark is not a roll's" } } },
    });
  });

  test('is refused: a Lease with an annotation that nobody can read', () => {
    const lease = { uid: 'lease', resourceVersion: '7', holder: '', durationMs: 60_000, roll: 'unreadable' } as const;
    const seen: Seen = { ...world().look(), lease };

    expect(nextStep(state(seen, { watched: watch(NOTHING_WATCHED, seen, 'me', NOW - 40_000) }))).toMatchObject({
      ...{ do: 'end', end: { kind: 'stopped', why: "its annotation on the Lease is not a roll's" } },
    });
  });
});

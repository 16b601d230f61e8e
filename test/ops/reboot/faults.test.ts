/** Each way in which a roll can be stopped, and what it leaves. */
import { describe, expect, test, vi } from 'vitest';
import { readRoll } from '../../../src/ops/reboot/names.js';
import type { Roll } from '../../../src/ops/reboot/state.js';
import { Run } from './run.js';
import { interleave } from './three-nodes.js';
import { NODES, world } from './two-nodes.js';
import { World } from './world.js';

const left = (rolled: World, name: string) => {
  const { unschedulable, mark, taints } = rolled.node(name);
  return { unschedulable, marked: mark !== null, tainted: taints.length > 0 };
};

const UNTOUCHED = { unschedulable: false, marked: false, tainted: false };
const KEPT = { unschedulable: true, marked: true, tainted: true };

const noteOn = (rolled: World, name: string): unknown => JSON.parse(rolled.node(name).mark ?? '{}').why;

describe('a roll that is stopped', () => {
  test('touches nothing where a check says no', () => {
    const rolled = world();
    rolled.faults = { checkFails: 'before' };

    const { end } = new Run(rolled, 'first', NODES).toEnd();

    expect(end).toMatchObject({ kind: 'stopped', node: 'attic', step: 'check', left: [] });
    expect(rolled.time).toBeLessThan(2_000);
    expect(left(rolled, 'attic')).toEqual(UNTOUCHED);
    expect(rolled.reboots.size).toBe(0);
    expect(rolled.evictions).toEqual([]);
  });

  test('gives a node back that a budget does not let go, without a storm of evictions', () => {
    const rolled = world().addWorkload({ kind: 'Deployment', name: 'stuck', desired: 1, minAvailable: 1 }, 'attic');

    const { end } = new Run(rolled, 'first', NODES).toEnd();

    expect(end).toMatchObject({ kind: 'stopped', node: 'attic', step: 'drain', left: [] });
    expect(end).toMatchObject({ why: expect.stringContaining('disruption budget') });
    expect(left(rolled, 'attic')).toEqual(UNTOUCHED);
    expect(rolled.reboots.size).toBe(0);
    const held = rolled.evictions.filter(({ held }) => held).map(({ at }) => at);
    expect(held.length).toBeGreaterThan(3);
    expect(held.length).toBeLessThanOrEqual(8);
    expect(Math.min(...held.slice(1).map((at, index) => at - (held[index] ?? 0)))).toBeGreaterThanOrEqual(5_000);
    expect(rolled.wrongs).toEqual([]);
    expect(rolled.lease?.holder).toBe('');
  });

  test('leaves a node that never comes back cordoned, marked and with its reason, and goes to no other', () => {
    const rolled = world();
    rolled.faults = { neverBack: 'attic' };

    const { end } = new Run(rolled, 'first', NODES).toEnd();

    expect(end).toMatchObject({ kind: 'stopped', node: 'attic', step: 'reboot' });
    expect(left(rolled, 'attic')).toEqual(KEPT);
    expect(noteOn(rolled, 'attic')).toMatch(/not come back/);
    expect(rolled.order).toEqual(['attic']);
    expect(rolled.wrongs).toEqual([]);
  });

  test.each(['brokenAfterBoot', 'staleAfterBoot'] as const)(
    'leaves a node with a broken pod cordoned and marked, goes to no other, and on once it is mended: %s',
    (fault) => {
      const rolled = world();
      rolled.faults = { [fault]: 'attic' };

      const { end } = new Run(rolled, 'first', NODES).toEnd();

      expect(end).toMatchObject({ kind: 'stopped', node: 'attic', step: 'verify' });
      expect(end).toMatchObject({ why: expect.stringContaining('Pod shop/agent') });
      expect(left(rolled, 'attic')).toEqual(KEPT);
      expect(noteOn(rolled, 'attic')).toMatch(/Pod shop\/agent/);
      expect(rolled.order).toEqual(['attic']);

      rolled.faults = {};
      for (const pod of rolled.pods.filter(({ node }) => node === 'attic')) {
        pod.readyAt = rolled.time;
        pod.container += 1_000;
      }
      const next = new Run(rolled, 'second', NODES).toEnd();

      expect(next.end).toEqual({ kind: 'finished', done: NODES, elsewhere: [] });
      expect(rolled.order).toEqual(NODES);
      expect(left(rolled, 'attic')).toEqual(UNTOUCHED);
      expect(rolled.wrongs).toEqual([]);
    },
  );

  test('keeps the cordon where the check after the reboot says no', () => {
    const rolled = world();
    rolled.faults = { checkFails: 'after' };

    const { end } = new Run(rolled, 'first', NODES).toEnd();

    expect(end).toMatchObject({ kind: 'stopped', node: 'attic', step: 'verify' });
    expect(left(rolled, 'attic')).toEqual(KEPT);
    expect(rolled.order).toEqual(['attic']);
  });

  test.each([
    ['hostRefuses', /^its host refused/],
    ['jobNeverBegins', /^it has not come back in another boot within its time/],
  ] as const)('gives the node back where the host does nothing: %s', (fault, why) => {
    const rolled = world();
    rolled.faults = { [fault]: 'attic' };

    const { end } = new Run(rolled, 'first', NODES).toEnd();

    expect(end).toMatchObject({
      kind: 'stopped',
      node: 'attic',
      step: 'reboot',
      left: [],
      why: expect.stringMatching(why),
    });
    expect(left(rolled, 'attic')).toEqual(UNTOUCHED);
    expect(rolled.jobs.size).toBe(0);
    expect(rolled.wrongs).toEqual([]);
  });

  test('goes on where the API server was gone in the drain', () => {
    const rolled = world();
    rolled.faults = { apiGone: [1_000, 31_000] };

    const { end } = new Run(rolled, 'first', NODES).toEnd();

    expect(end?.kind).toBe('finished');
    expect(rolled.wrongs).toEqual([]);
  });

  test('leaves a node as a person has it who uncordons it', () => {
    const rolled = world();
    const run = new Run(rolled, 'first', NODES);
    run.toEnd(() => rolled.node('attic').unschedulable);
    rolled.personUncordons('attic');

    run.toEnd();

    const why = 'somebody has uncordoned it in the meantime';
    expect(run.end).toMatchObject({ kind: 'stopped', node: 'attic', step: 'drain', left: [], why });
    expect(left(rolled, 'attic')).toEqual(UNTOUCHED);
    expect(rolled.reboots.size).toBe(0);
  });

  test('reboots nothing whose mark a person has taken off', () => {
    const rolled = world();
    rolled.faults = { jobNeverBegins: 'attic' };
    const run = new Run(rolled, 'first', NODES);
    run.toEnd(() => rolled.jobs.has('attic'));
    rolled.personTakesMark('attic');

    run.toEnd();
    rolled.advance(1_000);

    expect(run.end).toMatchObject({ kind: 'stopped', node: 'attic', why: 'somebody has taken its mark off' });
    expect(left(rolled, 'attic')).toEqual(UNTOUCHED);
    expect(rolled.reboots.size).toBe(0);
    expect(rolled.jobs.size).toBe(0);
  });

  test('refuses a node with a pod that nobody makes again, or that must not go', () => {
    const bare = world().addBare('notes', 'attic');
    const protectedPod = world().addWorkload(
      { kind: 'Deployment', name: 'player', desired: 1, labels: new Map([['app', 'player']]) },
      'attic',
    );
    const rule = {
      namespace: 'shop',
      labels: new Map([['app', 'player']]),
      why: 'its disk is stale',
      when: 'refuse',
    } as const;

    const first = new Run(bare, 'first', NODES).toEnd();
    const second = new Run(protectedPod, 'second', NODES, { protected: [rule] }).toEnd();

    expect(first.end).toMatchObject({ step: 'check', why: 'Pod shop/notes has no owner: nobody makes it again' });
    expect(second.end).toMatchObject({ step: 'check', why: expect.stringContaining('its disk is stale') });
    expect([left(bare, 'attic'), left(protectedPod, 'attic')]).toEqual([UNTOUCHED, UNTOUCHED]);
  });
});

describe('a roll that is undone', () => {
  test('keeps the mark of a node that is going down, until it is back', () => {
    const rolled = world();
    new Run(rolled, 'first', NODES).toEnd(() => rolled.jobs.get('attic')?.progress === 'begun');

    const undo = new Run(rolled, 'undo', [], {}, 'undo').toEnd();

    expect(undo.end).toEqual({ kind: 'undone', left: [] });
    expect(rolled.node('attic').boot).toBe(2);
    expect(rolled.wrongs).toEqual([]);
  });

  test('leaves a node as it is that has rebooted and is not Ready', () => {
    const rolled = world();
    new Run(rolled, 'first', NODES).toEnd(() => rolled.node('attic').boot === 2);
    const node = rolled.node('attic');
    Object.assign(node, { ready: false, rv: node.rv + 1_000 });

    const undo = new Run(rolled, 'undo', [], {}, 'undo').toEnd();

    expect(undo.end).toMatchObject({
      kind: 'undone',
      left: [expect.stringMatching(/^node attic: marked, .*not Ready/), expect.anything()],
    });
    expect(left(rolled, 'attic')).toEqual(KEPT);
  });
});

describe('a roll', () => {
  test('keeps the cordon of a person, and reboots the node', () => {
    const rolled = world();
    rolled.personCordons('attic');

    const { end } = new Run(rolled, 'first', ['attic']).toEnd();

    expect(end).toMatchObject({ kind: 'finished', done: ['attic'] });
    expect(left(rolled, 'attic')).toEqual({ unschedulable: true, marked: false, tainted: false });
    expect(rolled.wrongs).toEqual([]);
  });

  test('does not wait for a pod whose only other place is a node that a person keeps cordoned, and says so', () => {
    const rolled = world().addWorkload({ kind: 'Deployment', name: 'apart', desired: 2, apart: true }, 'attic', 'barn');
    rolled.personCordons('attic');

    const { end, steps } = new Run(rolled, 'first', ['attic']).toEnd();

    expect(end).toEqual({
      ...{ kind: 'finished', done: ['attic'], elsewhere: [] },
      kept: ['Deployment shop/apart: 1 of 2 not ready, as long as attic is cordoned'],
    });
    expect(steps.filter((step) => step.do === 'wait' && step.phase === 'settle')).toEqual([]);
    expect(rolled.readyOf('apart')).toBe(1);
    expect(rolled.wrongs).toEqual([]);
  });

  test('leaves protected pods on their node', () => {
    const labels = new Map([['protected', 'yes']]);
    const rolled = world().addWorkload({ kind: 'Deployment', name: 'player', desired: 1, labels }, 'attic');
    const rule = { namespace: 'shop', labels, why: 'its disk is stale', when: 'leave' } as const;

    const { end } = new Run(rolled, 'first', NODES, { protected: [rule] }).toEnd();

    expect(end?.kind).toBe('finished');
    expect(rolled.pods.find(({ workload }) => workload?.name === 'player')?.node).toBe('attic');
    expect(rolled.wrongs).toEqual([]);
  });

  test('does not reboot again what has rebooted by itself in its drain', () => {
    const rolled = world();
    const run = new Run(rolled, 'first', NODES);
    run.toEnd(() => rolled.node('attic').mark !== null);
    rolled.crash('attic');

    run.toEnd();

    expect(run.end?.kind).toBe('finished');
    expect(rolled.order).toEqual(['barn']);
  });

  test('takes who leads the control plane last, also where that changes', () => {
    const rolled = new World()
      .addNode('one', 'control-plane')
      .addNode('two', 'control-plane')
      .addNode('three', 'control-plane');
    rolled.leaders = ['one'];

    new Run(rolled, 'first', ['one', 'two', 'three']).toEnd(() => {
      if (rolled.order.length === 1) rolled.leaders = ['three'];
      return false;
    });

    expect(rolled.order).toEqual(['two', 'one', 'three']);
  });

  test('never takes the last ready pod of two that keep to one node, and says so', () => {
    const rolled = world().addWorkload(
      { kind: 'Deployment', name: 'pinned', desired: 2, pinned: 'attic' },
      'attic',
      'attic',
    );

    const { end } = new Run(rolled, 'first', NODES).toEnd();

    expect(end).toMatchObject({
      step: 'drain',
      why: expect.stringContaining('Deployment shop/pinned has 0 others ready of 2'),
    });
    expect(rolled.wrongs).toEqual([]);
  });

  test('lets one of pods that keep apart go after a minute, where it cannot become whole but another is ready', () => {
    const rolled = world().addWorkload({ kind: 'Deployment', name: 'apart', desired: 3, apart: true }, 'attic', 'barn');

    const { end } = new Run(rolled, 'first', ['attic']).toEnd();

    expect(end?.kind).toBe('finished');
    expect(rolled.evictions.at(-1)?.at).toBeGreaterThanOrEqual(60_000);
    expect(rolled.wrongs).toEqual([]);
  });

  test('lets the pods of what may be down go one after the other all the same', () => {
    const labels = new Map([['unkept', 'yes']]);
    const rolled = world().addWorkload({ kind: 'StatefulSet', name: 'pair', desired: 2, labels }, 'attic', 'attic');

    new Run(rolled, 'first', ['attic'], { mayBeDown: ['shop/pair'] }).toEnd();

    const pair = rolled.evictions.slice(-2).map(({ at }) => at);
    expect(pair).toHaveLength(2);
    expect((pair[1] ?? 0) - (pair[0] ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  test('keeps the lock through a wait that is longer than it lasts', () => {
    const rolled = world();
    const options = { settleMs: 150_000 };
    const first = new Run(rolled, 'first', NODES, options).toEnd(() => rolled.order.length === 1 && settles(rolled));
    const rival = new Run(rolled, 'rival', NODES, options);

    interleave(rolled, first, rival, () => 0.5);

    expect(rival.end).toMatchObject({ kind: 'refused', why: 'first is at work, and holds the Lease' });
    expect(first.end).toMatchObject({ kind: 'finished', done: NODES });
    const gaps = rolled.leaseWrites.slice(1).map((at, index) => at - (rolled.leaseWrites[index] ?? 0));
    expect(gaps.length).toBeGreaterThan(10);
    expect(Math.max(...gaps)).toBeLessThan(15_000);
  });

  test('does not reboot again what has rebooted, although somebody took its mark off', () => {
    const rolled = world().addNode('cellar');
    const first = new Run(rolled, 'first', NODES);
    first.toEnd(() => rolled.node('attic').boot === 2);
    rolled.personTakesMark('attic');
    first.toEnd();

    const second = new Run(rolled, 'second', NODES).toEnd();
    const third = new Run(rolled, 'third', ['cellar']).toEnd();

    expect(first.end).toMatchObject({ kind: 'stopped', node: 'attic', why: 'somebody has taken its mark off' });
    expect(second.end).toEqual({ kind: 'finished', done: ['barn'], elsewhere: ['attic'] });
    expect(third.end).toEqual({ kind: 'finished', done: ['cellar'], elsewhere: [] });
    expect(rolled.order).toEqual(['attic', 'barn', 'cellar']);
  });

  test('is finished, and not lost, where another one begins before it has looked again', () => {
    const rolled = world().addNode('cellar');
    const first = new Run(rolled, 'first', NODES).toEnd(() => rolled.lease?.holder === '');
    const next = new Run(rolled, 'next', ['cellar']).toEnd(() => rolled.lease?.holder === 'next');

    first.toEnd();
    next.toEnd();

    expect(first.end).toEqual({ kind: 'finished', done: NODES, elsewhere: [] });
    expect(next.end).toMatchObject({ kind: 'finished', done: ['cellar'] });
  });

  test('waits before its next node as long as it may verify one, and no longer', () => {
    const endAfter = (badForMs: number) => {
      const rolled = world();
      let since: number | null = null;
      const run = new Run(rolled, 'first', NODES, { verifyMs: 200_000 });
      const { end } = run.toEnd(() => {
        if (settles(rolled)) since ??= rolled.time;
        const isBad = since !== null && rolled.time < since + badForMs;
        rolled.faults = isBad ? { checkFails: 'before' } : {};
        return false;
      });
      return end;
    };

    expect(endAfter(190_000)).toMatchObject({ kind: 'finished', done: NODES });
    expect(endAfter(230_000)).toMatchObject({ kind: 'stopped', node: 'barn', step: 'check' });
  });

  test('takes the same steps where the clock of this machine is set while it goes', () => {
    const steps = (jump: (halves: number) => void) => {
      const run = new Run(world(), 'first', NODES);
      let halves = 0;
      run.toEnd(() => {
        jump(halves);
        halves += 1;
        return false;
      });
      return run.steps;
    };
    const plain = steps(() => undefined);
    vi.useFakeTimers({ toFake: ['Date', 'performance', 'hrtime'] });

    const stepped = steps((halves) => vi.setSystemTime(Date.UTC(2026, 0, 1, halves % 2 === 0 ? 3 : 9)));

    vi.useRealTimers();
    expect(plain.length).toBeGreaterThan(40);
    expect(stepped).toEqual(plain);
  });
});

/** One node is done and given back, and no other begun. */
const settles = ({ lease, nodes }: World): boolean =>
  (readRoll(lease?.roll ?? undefined) as Roll | null)?.done.length === 1 &&
  [...nodes.values()].every(({ mark }) => mark === null);

/** Single looks at the node that carries the mark. */
import { describe, expect, test } from 'vitest';
import { nextStep } from '../../../src/ops/reboot/next-step.js';
import type { Seen, SeenPod } from '../../../src/ops/reboot/state.js';
import { lasting, MARK, marked, NOW, PASSED, rolling, state, withJob, withNode, withPods, world } from './looks.js';
import { OPTIONS } from './run.js';

const STOPS = { do: 'lease', what: 'stop' };
const GIVES_BACK = { do: 'mark', what: 'give-back', node: 'attic' };
const begun = { progress: 'begun' } as const;

const down = (seen: Seen = world().look()): Seen => marked(seen, { step: 'reboot' });
const back = (seen: Seen = world().look()): Seen => withNode(down(seen), 'attic', { bootId: 'attic-boot-2' });

describe('a node that is done', () => {
  const done = (seen: Seen) => rolling(back(seen), { done: ['attic'] });

  test('is given back after its Job is gone', () => {
    expect(nextStep(state(withJob(done(world().look()), begun)))).toMatchObject({ do: 'remove-job' });
    expect(nextStep(state(done(world().look())))).toMatchObject({ ...GIVES_BACK, unschedulable: false, mark: null });
  });

  test('keeps the cordon of a person', () => {
    const theirs = withNode(done(world().look()), 'attic', { mark: { ...MARK, cordoned: 'by-others' } });
    const step = nextStep(state(theirs));

    expect(step).toMatchObject(GIVES_BACK);
    expect(step).not.toHaveProperty('unschedulable');
  });
});

describe('a node of which nobody asks that it reboots', () => {
  const others = (seen: Seen) => rolling(seen, { nodes: ['barn'] });

  test('is given back, and never rebooted', () => {
    expect(nextStep(state(others(down())))).toMatchObject(GIVES_BACK);
    expect(nextStep(state(withJob(others(down()))))).toMatchObject({ do: 'remove-job' });
  });

  test('is waited for where its reboot may be under way', () => {
    expect(nextStep(state(withJob(others(down()), begun)))).toMatchObject({ do: 'wait', phase: 'reboot' });
  });

  test('stops the roll where it cannot be given back', () => {
    expect(nextStep(state(withNode(others(down()), 'attic', { ready: false })))).toMatchObject({
      ...{ ...STOPS, roll: { stopped: { node: 'attic', step: 'reboot', why: 'its reboot is of another roll' } } },
    });
  });
});

describe('a node that is no longer cordoned', () => {
  const open = { unschedulable: false };
  const why = 'somebody has uncordoned it in the meantime';
  const seenAs = (node: string, cordoned: boolean) => {
    const before = state(withNode(back(), 'attic', open));
    return nextStep({ ...before, watched: { ...before.watched, marked: { node, cordoned } } });
  };

  test('stops the roll before its reboot', () => {
    expect(nextStep(state(withNode(marked(world().look()), 'attic', open)))).toMatchObject({
      ...{ ...STOPS, roll: { stopped: { node: 'attic', step: 'drain', why } } },
    });
  });

  test('stops it after its reboot only where this run has seen it cordoned', () => {
    expect(seenAs('attic', true)).toMatchObject({ ...STOPS, roll: { stopped: { step: 'verify', why } } });
    expect(seenAs('attic', false)).toMatchObject({ do: 'check', phase: 'after' });
    expect(seenAs('barn', true)).toMatchObject({ do: 'check', phase: 'after' });
  });
});

describe('a drain', () => {
  const cart = () => world().addWorkload({ kind: 'Deployment', name: 'cart', desired: 1 }, 'attic').look();

  test('is over where a reboot of this boot is under way already', () => {
    expect(nextStep(state(withJob(marked(cart()), begun)))).toMatchObject({ do: 'mark', mark: { step: 'reboot' } });
  });

  test.each([
    ['is waited for', { going: true }, { do: 'wait', why: 'until the Job of an earlier roll is gone' }],
    ['is removed', { ...begun, bootId: 'attic-boot-0' }, { do: 'remove-job', why: 'it is of an earlier roll' }],
  ])('waits for nothing else while the Job of an earlier roll %s', (_, job, step) => {
    expect(nextStep(state(withJob(marked(cart()), job)))).toMatchObject(step);
  });

  test('ends at its time, and not before', () => {
    const held = new Map(cart().pods.map(({ uid }) => [uid, { at: NOW, count: 1, held: 'a budget' }]));

    expect(nextStep(lasting(marked(cart()), OPTIONS.drainMs - 1, { tries: held }))).toMatchObject({ do: 'wait' });
    expect(nextStep(lasting(marked(cart()), OPTIONS.drainMs, { tries: held }))).toMatchObject({
      ...{ ...STOPS, roll: { stopped: { step: 'drain', why: expect.stringMatching(/: Pod shop\/.*: a budget$/) } } },
    });
  });

  test('evicts nothing of a node that is not Ready, and does not end where it does not say its boot', () => {
    expect(nextStep(state(withNode(marked(cart()), 'attic', { ready: false })))).toMatchObject({ do: 'wait' });
    expect(nextStep(state(withNode(marked(world().look()), 'attic', { bootId: '' })))).toMatchObject({
      ...{ do: 'wait', why: 'node attic does not say in which boot it is' },
    });
  });
});

describe('a reboot', () => {
  test('is not asked for, nor taken for done, where the node does not say its boot', () => {
    const untold = withNode(down(), 'attic', { bootId: '' });

    expect(nextStep(state(untold))).toMatchObject({ do: 'wait', phase: 'reboot' });
    expect(nextStep(state(withJob(untold, begun)))).toMatchObject({
      ...{ do: 'wait', why: 'until it is back in another boot' },
    });
  });

  test('is not asked for beside a Job of an earlier boot that still goes', () => {
    const old = withJob(down(), { ...begun, bootId: 'attic-boot-0', going: true });

    expect(nextStep(state(old))).toMatchObject({ do: 'wait', why: 'until the Job of an earlier boot is gone' });
  });
});

describe('a node that is back', () => {
  const pods = (change: Partial<SeenPod>) => {
    const look = world().addWorkload({ kind: 'DaemonSet', name: 'agent', desired: 1 }, 'attic').look();
    return nextStep(state(withPods(back(look), () => change)));
  };

  test('is looked at only when each pod on it is ready, but for those that end or have ended', () => {
    expect(pods({ ready: false })).toMatchObject({ do: 'wait', phase: 'verify' });
    expect(pods({ ready: false, terminating: true })).toMatchObject({ do: 'check' });
    expect(pods({ ready: false, completed: true })).toMatchObject({ do: 'check' });
    expect(pods({ ready: false, node: 'barn' })).toMatchObject({ do: 'check' });
  });

  test('is not looked at while a pod has one container of before the reboot, among others', () => {
    const look = world().addWorkload({ kind: 'DaemonSet', name: 'agent', desired: 1 }, 'attic').look();
    const before = marked(look, { step: 'reboot', before: ['old'] });
    const seen = withPods(withNode(before, 'attic', { bootId: 'attic-boot-2' }), () => ({
      containers: ['new', 'old'],
    }));

    expect(nextStep(state(seen))).toMatchObject({ do: 'wait', phase: 'verify' });
  });

  test('and not Ready is waited for as long as it may boot', () => {
    const sick = withNode(back(), 'attic', { ready: false });

    expect(nextStep(lasting(sick, OPTIONS.bootMs - 1))).toMatchObject({ do: 'wait', why: 'until it is Ready' });
    expect(nextStep(lasting(sick, OPTIONS.bootMs))).toMatchObject({
      ...{ ...STOPS, roll: { stopped: { why: 'it has rebooted, and is not Ready within its time' } } },
    });
  });

  test.each(['fail', 'unknown'] as const)(
    'and of which a check says %s is not done, and stops at its time',
    (verdict) => {
      const options = { ...OPTIONS, bootMs: 600_000 };
      const checked = {
        node: 'attic',
        phase: 'after',
        at: NOW - 100,
        results: [PASSED, { ...PASSED, verdict }],
      } as const;
      const at = (ms: number) => nextStep(lasting(back(), ms, { options, checked }));

      expect(at(OPTIONS.verifyMs - 1)).toMatchObject({ do: 'wait', phase: 'verify' });
      expect(at(OPTIONS.verifyMs)).toMatchObject({ ...STOPS, roll: { done: [], stopped: { step: 'verify' } } });
    },
  );

  test('is not done where no check has answered', () => {
    const checked = { node: 'attic', phase: 'after', at: NOW - 100, results: [] } as const;

    expect(nextStep(state(back(), { checked }))).toMatchObject({ do: 'wait', why: 'no check was asked' });
  });
});

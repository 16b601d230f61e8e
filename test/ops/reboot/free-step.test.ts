/** Single looks while no node is marked. */
import { describe, expect, test } from 'vitest';
import { nextStep } from '../../../src/ops/reboot/next-step.js';
import type { Checked, RollOptions, Seen } from '../../../src/ops/reboot/state.js';
import { lasting, NOW, PASSED, rolling, withJob, withNode, withPods, world } from './looks.js';
import { OPTIONS } from './run.js';

const DONE = { done: ['attic'], settling: { node: 'attic', workloads: ['Deployment shop/cart'] } };
const STOPS = { do: 'lease', what: 'stop' };
const WAITS = { do: 'wait' };

describe('a Job whose node has no mark', () => {
  const next = (job: Parameters<typeof withJob>[1], ms = 0) => nextStep(lasting(withJob(world().look(), job), ms));

  test('is waited for, and never removed, where its reboot may be under way', () => {
    const why = 'a reboot is under way, and its node has no mark';

    expect(next({ progress: 'begun' })).toMatchObject({ ...WAITS, phase: 'reboot', node: 'attic', why });
    expect(next({ progress: 'begun', bootId: '' })).toMatchObject({ ...WAITS, why });
  });

  test('is removed where nothing of it has begun, or its boot has ended', () => {
    for (const job of [{}, { progress: 'refused' }, { progress: 'begun', bootId: 'attic-boot-0' }] as const)
      expect(next(job)).toMatchObject({ do: 'remove-job', uid: 'j-1', why: 'it has nothing more to do' });
  });

  test('is waited for while it goes, and where only its pod is left', () => {
    for (const job of [{ going: true }, { uid: null }])
      expect(next(job)).toMatchObject({ ...WAITS, why: 'until its Job is gone' });
  });

  test.each([{ progress: 'begun' }, { going: true }] as const)('stops the roll when it does not end: %o', (job) => {
    expect(next(job, OPTIONS.bootMs - 1)).toMatchObject(WAITS);
    expect(next(job, OPTIONS.bootMs)).toMatchObject({ ...STOPS, roll: { stopped: { node: 'attic', step: 'reboot' } } });
  });
});

describe('the next node', () => {
  const asked = (leaders: readonly string[], nodes: readonly string[], options: Partial<RollOptions> = {}) =>
    nextStep(lasting(rolling({ ...world().look(), leaders }, { nodes }), 0, { options: { ...OPTIONS, ...options } }));

  test('is the first one that does not lead, of the same role', () => {
    expect(asked([], ['attic', 'barn'])).toMatchObject({ do: 'check', node: 'attic' });
    expect(asked(['attic'], ['attic', 'barn'])).toMatchObject({ do: 'check', node: 'barn' });
    expect(asked(['attic'], ['attic', 'cellar', 'barn'])).toMatchObject({ do: 'check', node: 'barn' });
    expect(asked(['attic'], ['attic', 'cellar'])).toMatchObject({ do: 'check', node: 'attic' });
    expect(asked(['attic'], ['attic', 'barn'], { fixedOrder: true })).toMatchObject({ do: 'check', node: 'attic' });
  });

  test('does not go where it is not there, or does not say in which boot it is', () => {
    const gone = rolling(world().look(), { nodes: ['elsewhere'] });
    const untold = withNode(world().look(), 'attic', { bootId: '' });

    expect(nextStep(lasting(gone, 0))).toMatchObject({
      ...{ ...STOPS, roll: { stopped: { why: 'node elsewhere is not in the cluster' } } },
    });
    expect(nextStep(lasting(untold, 0))).toMatchObject({
      ...{ ...STOPS, roll: { stopped: { why: 'node attic does not say in which boot it is' } } },
    });
  });

  test('does not go where no check has answered', () => {
    const checked: Checked = { node: 'attic', phase: 'before', at: NOW, results: [] };

    expect(nextStep(lasting(world().look(), 0, { checked }))).toMatchObject({
      ...{ ...STOPS, roll: { stopped: { step: 'check', why: 'no check was asked' } } },
    });
  });

  test('does not go by an answer from before the last one was done', () => {
    const checked: Checked = { node: 'attic', phase: 'before', at: NOW - 200, results: [PASSED] };

    expect(nextStep(lasting(world().look(), 200, { checked }))).toMatchObject({ do: 'mark', what: 'cordon' });
    expect(nextStep(lasting(world().look(), 199, { checked }))).toMatchObject({ do: 'check', node: 'attic' });
  });

  test('is asked about again after one that is back as long as that may take, each five seconds', () => {
    const fails = (ms: number, age: number) => {
      const results = [{ ...PASSED, verdict: 'unknown' as const }];
      const seen = rolling(world().look(), { ...DONE, settling: null });
      return nextStep(lasting(seen, ms, { checked: { node: 'barn', phase: 'before', at: NOW - age, results } }));
    };
    const patience = OPTIONS.settleMs + OPTIONS.verifyMs;

    expect(fails(patience - 1, 4_999)).toMatchObject({ ...WAITS, phase: 'check' });
    expect(fails(patience - 1, 5_000)).toMatchObject({ do: 'check', node: 'barn' });
    expect(fails(patience, 5_000)).toMatchObject({ ...STOPS, roll: { stopped: { node: 'barn', step: 'check' } } });
  });
});

describe('what follows a node that is back', () => {
  const look = world().addWorkload({ kind: 'Deployment', name: 'cart', desired: 2 }, 'barn', 'barn').look();
  const next = (seen: Seen, ms: number) => nextStep(lasting(rolling(seen, DONE), ms));

  test('is a wait until its workloads are whole, and a stop where they are not within its time', () => {
    const short = withPods(look, () => ({ ready: false }));

    expect(next(short, OPTIONS.verifyMs - 1)).toMatchObject({ ...WAITS, phase: 'settle', node: 'attic' });
    expect(next(short, OPTIONS.verifyMs)).toMatchObject({
      ...{ ...STOPS, roll: { stopped: { node: 'attic', step: 'settle' } } },
    });
  });

  test('is the time to settle, and the next node no earlier', () => {
    expect(next(look, OPTIONS.settleMs - 1)).toMatchObject({ ...WAITS, ms: 1, why: 'it settles' });
    expect(next(look, 0)).toMatchObject({ ...WAITS, ms: 2_000 });
    expect(next(look, OPTIONS.settleMs)).toMatchObject({ do: 'check', node: 'barn', phase: 'before' });
  });
});

describe('after the last node', () => {
  const next = (ms: number, age: number, rest: Partial<Checked> = {}) => {
    const results = [{ ...PASSED, verdict: 'unknown' as const }];
    const checked: Checked = { node: 'attic', phase: 'settled', at: NOW - age, results, ...rest };
    const seen = rolling(world().look(), { ...DONE, nodes: ['attic'] });
    return nextStep(lasting(seen, ms, { checked, options: { ...OPTIONS, volumes: true, verifyMs: 20_000 } }));
  };

  test('its volumes are asked about each five seconds, and what cannot be told is no success', () => {
    expect(next(24_999, 4_999)).toMatchObject({ ...WAITS, phase: 'settle' });
    expect(next(24_999, 5_000)).toEqual({ do: 'check', node: 'attic', phase: 'settled' });
    expect(next(25_000, 5_000)).toMatchObject({ ...STOPS, roll: { stopped: { node: 'attic', step: 'settle' } } });
    expect(next(25_000, 100, { results: [PASSED] })).toMatchObject({ do: 'lease', what: 'give-back' });
  });

  test('nobody is asked where the roll has rebooted none', () => {
    const seen = rolling(world().look(), { nodes: [] });

    expect(nextStep(lasting(seen, 0, { options: { ...OPTIONS, volumes: true } }))).toMatchObject({ what: 'give-back' });
  });

  test('an API server that was away is asked for a minute', () => {
    expect(next(59_999, 100, { unanswered: true })).toMatchObject(WAITS);
    expect(next(60_000, 100, { unanswered: true })).toMatchObject(STOPS);
  });
});

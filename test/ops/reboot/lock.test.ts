/** Single looks of who wants the Lease, keeps it, or has lost it. */
import { describe, expect, test } from 'vitest';
import { nextClosingStep } from '../../../src/ops/reboot/closing.js';
import { nextStep } from '../../../src/ops/reboot/next-step.js';
import type { Roll, RollState, SeenLease } from '../../../src/ops/reboot/state.js';
import { nextUndoStep } from '../../../src/ops/reboot/undo-step.js';
import { NOTHING_WATCHED, watch } from '../../../src/ops/reboot/watch.js';
import { marked, NOW, PASSED, ROLL, rolling, state, withJob, world } from './looks.js';

const LEASE: SeenLease = { ...{ uid: 'lease', resourceVersion: '7', holder: '', durationMs: 60_000 }, roll: ROLL };
const ENDED: Roll = { ...ROLL, done: ['attic', 'barn'] };

/** A run that has only looked so far, for that long. */
function fresh(lease: SeenLease | null, ask: readonly string[] = [], ms = 0, seen = world().look()): RollState {
  const now = { ...seen, lease };
  return {
    ...state(seen),
    seen: now,
    ask: { id: 'r-2', reason: 'none', by: 'ada', nodes: ask },
    watched: watch(NOTHING_WATCHED, now, 'me', NOW - ms),
    renewedAt: null,
  };
}

describe('a run that does not hold the Lease', () => {
  test('has nothing to do where nothing is asked for, begun or left', () => {
    const nothing = { do: 'end', end: { kind: 'finished', done: [], elsewhere: [] } };

    expect(nextStep(fresh(null))).toEqual(nothing);
    expect(nextStep(fresh({ ...LEASE, roll: ENDED }))).toEqual(nothing);
    expect(nextStep(fresh({ ...LEASE, roll: null }))).toEqual(nothing);
  });

  test('begins a roll of its own where none stands, and remembers the boots', () => {
    const begins = { do: 'lease', what: 'begin', holder: 'me', roll: { id: 'r-2', nodes: ['attic'], done: [] } };

    expect(nextStep(fresh(null, ['attic']))).toMatchObject({ ...begins, guard: null });
    expect(nextStep(fresh({ ...LEASE, roll: ENDED }, ['attic']))).toMatchObject({
      ...{ ...begins, guard: '7', roll: { ...begins.roll, boots: ROLL.boots } },
    });
  });

  test('goes on with what stands, and with nothing that was asked for now', () => {
    const goesOn = { do: 'lease', what: 'go-on', guard: '7', roll: ROLL };

    expect(nextStep(fresh(LEASE))).toMatchObject(goesOn);
    expect(nextStep(fresh(LEASE, ['cellar']))).toMatchObject(goesOn);
    const jobLeft = withJob(world().look());
    expect(nextStep(fresh({ ...LEASE, roll: ENDED }, ['cellar'], 0, jobLeft))).toMatchObject({
      ...{ ...goesOn, roll: ENDED },
    });
  });

  test('takes a Lease from nobody who may be alive', () => {
    const held = { ...LEASE, holder: 'bob@desk' };

    expect(nextStep(fresh(held, ['attic'], 59_999))).toMatchObject({ do: 'wait', ms: 1, phase: 'lock' });
    expect(nextStep(fresh(held, ['attic'], 0))).toMatchObject({ do: 'wait', ms: 2_000 });
    expect(nextStep(fresh(held, ['attic'], 60_000))).toMatchObject({ do: 'lease', what: 'go-on' });
    // Its run died at the very end: it is ended, and not begun again.
    expect(nextStep(fresh({ ...held, roll: ENDED }, ['attic'], 60_000))).toMatchObject({ what: 'go-on', roll: ENDED });
  });

  test('undoes what stands, also where nothing is left to do', () => {
    expect(nextUndoStep(fresh(LEASE))).toMatchObject({ do: 'lease', what: 'go-on', why: 'undoes roll r-1 of ada' });
    expect(nextUndoStep(fresh({ ...LEASE, roll: ENDED }))).toMatchObject({ do: 'lease', what: 'begin' });
    expect(nextUndoStep(fresh(null, [], 0, marked(world().look())))).toMatchObject({ why: 'undoes what stands' });
    expect(nextUndoStep(fresh(null))).toEqual({ do: 'end', end: { kind: 'undone', left: [] } });
  });
});

describe('a run that holds the Lease', () => {
  const at = (renewedAt: number | null, lookedAt = NOW) => nextStep(state(world().look(), { renewedAt, lookedAt }));

  test('renews it before anything else where it does not know that it holds, or not for long', () => {
    expect(at(null)).toMatchObject({ do: 'lease', what: 'renew', holder: 'me', roll: ROLL });
    expect(at(NOW - 9_999)).toMatchObject({ do: 'check' });
    expect(at(NOW - 10_000)).toMatchObject({ what: 'renew' });
  });

  test('renews it where its look was long ago: nothing is written by half of what the Lease lasts', () => {
    expect(at(NOW - 29_999, NOW - 29_000)).toMatchObject({ do: 'check' });
    expect(at(NOW - 30_000, NOW - 29_000)).toMatchObject({ what: 'renew' });
  });
});

describe('a run that held the Lease', () => {
  const ends = (lease: SeenLease | null, held: Roll = ROLL) => {
    const before = state(rolling(world().look(), held));
    const step = nextStep({ ...before, seen: { ...before.seen, lease } });
    return step.do === 'end' ? step.end : step;
  };

  test.each([
    ['somebody removed the Lease, which is the lock', null],
    ['somebody overwrote the roll on the Lease', { ...LEASE, holder: 'me', roll: 'unreadable' as const }],
    ['somebody overwrote the roll on the Lease', { ...LEASE, holder: 'me', roll: null }],
    ['somebody gave the Lease back', LEASE],
    ['bob@desk has taken the Lease over', { ...LEASE, holder: 'bob@desk' }],
  ])('writes nothing any more: %s', (why, lease) => {
    expect(ends(lease)).toMatchObject({ kind: 'lost', why });
  });

  test('is finished only where nothing is left to do, and it gave the Lease back or another roll has begun', () => {
    expect(ends({ ...LEASE, roll: ENDED }, ENDED)).toMatchObject({ kind: 'finished', done: ['attic', 'barn'] });
    expect(ends({ ...LEASE, holder: 'bob@desk', roll: { ...ROLL, id: 'r-9' } }, ENDED)).toMatchObject({
      kind: 'finished',
    });
    expect(ends({ ...LEASE, holder: 'bob@desk', roll: { ...ROLL, id: 'r-9' } })).toMatchObject({ kind: 'lost' });
    expect(ends({ ...LEASE, holder: 'bob@desk', roll: ENDED }, ENDED)).toMatchObject({ kind: 'lost' });
    expect(ends(null, ENDED)).toMatchObject({ kind: 'lost' });
  });
});

describe('a roll whose time is over', () => {
  const checked = { node: 'attic', phase: 'before', at: NOW, results: [PASSED] } as const;

  test('begins no node, and gives the lock back', () => {
    expect(nextStep(state(world().look(), { checked }))).toMatchObject({ do: 'mark', what: 'cordon' });
    expect(nextClosingStep(state(world().look(), { checked }))).toMatchObject({
      ...{ do: 'lease', what: 'give-back', holder: '', roll: ROLL },
    });
  });

  test('goes on with what was begun: a mark, or a Job', () => {
    expect(nextClosingStep(state(marked(world().look())))).toMatchObject({ do: 'mark', what: 'step' });
    expect(nextClosingStep(state(withJob(world().look())))).toMatchObject({ do: 'remove-job' });
  });

  test('says of a stop what every roll says, and of one that it does not hold only what is open', () => {
    const stopped = { node: 'attic', step: 'check', why: 'a budget' } as const;
    const closed = (roll: Roll | null, nodes: readonly string[] = []) =>
      nextClosingStep(fresh(roll === null ? null : { ...LEASE, roll }, nodes));

    expect(nextClosingStep(state(rolling(world().look(), { stopped })))).toMatchObject({
      ...{ do: 'lease', what: 'give-back', roll: { stopped } },
    });
    const before = state(rolling(world().look(), { stopped }));
    const given = { ...before, seen: { ...before.seen, lease: { ...LEASE, roll: { ...ROLL, stopped } } } };
    expect(nextClosingStep(given)).toMatchObject({ do: 'end', end: { kind: 'stopped', why: 'a budget' } });
    expect(closed({ ...ROLL, done: ['attic'] })).toEqual({
      ...{ do: 'end', end: { kind: 'closed', done: ['attic'], open: ['barn'] } },
    });
    expect(closed({ ...ROLL, stopped })).toMatchObject({ end: { kind: 'closed', open: ['attic', 'barn'] } });
    expect(closed(null, ['cellar'])).toMatchObject({ end: { kind: 'closed', done: [], open: ['cellar'] } });
  });
});

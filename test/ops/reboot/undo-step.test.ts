/** Single looks of `--undo`: what it must not take back. */
import { describe, expect, test } from 'vitest';
import type { Seen, SeenJob } from '../../../src/ops/reboot/state.js';
import { nextUndoStep } from '../../../src/ops/reboot/undo-step.js';
import { lasting, marked, ROLL, rolling, state, withJob, withNode, world } from './looks.js';
import { OPTIONS } from './run.js';

const down = (seen: Seen): Seen => marked(seen, { step: 'reboot' });

test('does not remove the Job of a reboot that may be under way, nor take the mark of its node off', () => {
  expect(nextUndoStep(state(withJob(down(world().look()), { progress: 'begun' })))).toMatchObject({
    ...{ do: 'wait', phase: 'reboot', node: 'attic', why: 'its reboot may be under way' },
  });
  expect(nextUndoStep(state(withJob(down(world().look()))))).toMatchObject({ do: 'remove-job', uid: 'j-1' });
});

test('does not remove it either where somebody has taken the mark off already', () => {
  expect(nextUndoStep(state(withJob(world().look(), { progress: 'begun' })))).toMatchObject({
    ...{ do: 'wait', phase: 'reboot', node: 'attic', why: 'until its Job is gone' },
  });
  expect(nextUndoStep(state(withJob(world().look(), { progress: 'refused' })))).toMatchObject({
    do: 'remove-job',
    uid: 'j-1',
  });
});

describe('a node that has not rebooted', () => {
  const at = (ms: number, job: Partial<SeenJob>, ready = true) =>
    nextUndoStep(lasting(withNode(withJob(down(world().look()), job), 'attic', { ready }), ms));
  const begun = { progress: 'begun' } as const;

  test('is waited for as long as it may boot, and keeps its mark where it then is not Ready', () => {
    expect(at(OPTIONS.bootMs - 1, begun)).toMatchObject({ do: 'wait', why: 'its reboot may be under way' });
    expect(at(OPTIONS.bootMs, begun)).toMatchObject({ do: 'remove-job' });
    expect(at(OPTIONS.bootMs, begun, false)).toMatchObject({ do: 'lease', what: 'give-back' });
    expect(at(OPTIONS.bootMs, {}, false)).toMatchObject({ do: 'remove-job' });
  });

  test('is waited for until its Job is gone, twice as long, and left after that', () => {
    expect(at(2 * OPTIONS.bootMs - 1, { going: true })).toMatchObject({ do: 'wait', why: 'until its Job is gone' });
    expect(at(2 * OPTIONS.bootMs, { going: true })).toMatchObject({ do: 'lease', what: 'give-back' });
  });

  test('is given back where it has no Job, and keeps the cordon of a person', () => {
    expect(nextUndoStep(state(down(world().look())))).toMatchObject({ what: 'give-back', unschedulable: false });
    const theirs = nextUndoStep(state(marked(world().look(), { cordoned: 'by-others' })));
    expect(theirs).toMatchObject({ do: 'mark', what: 'give-back' });
    expect(theirs).not.toHaveProperty('unschedulable');
  });
});

describe('a node that has rebooted', () => {
  const back = (ready: boolean) => withNode(down(world().look()), 'attic', { bootId: 'attic-boot-2', ready });

  test('is given back when it is Ready, after its Job', () => {
    expect(nextUndoStep(state(withJob(back(true))))).toMatchObject({ do: 'remove-job', why: 'its work is done' });
    expect(nextUndoStep(state(withJob(back(true), { going: true })))).toMatchObject({ do: 'mark', what: 'give-back' });
    expect(nextUndoStep(state(back(true)))).toMatchObject({ do: 'mark', what: 'give-back' });
  });

  test('stays as it is where it is not', () => {
    expect(nextUndoStep(state(back(false)))).toMatchObject({ do: 'lease', what: 'give-back' });
  });
});

describe('at its end', () => {
  test('the Lease goes where nothing is left', () => {
    expect(nextUndoStep(state(world().look()))).toMatchObject({ do: 'remove-lease', uid: 'lease' });
  });

  test('it stays with the roll, and with its first reason, where something is', () => {
    const left = withNode(world().look(), 'attic', { mark: 'unreadable' });
    const stopped = { node: 'attic', step: 'reboot', why: 'its host refused' } as const;

    expect(nextUndoStep(state(left))).toMatchObject({
      ...{ what: 'give-back', roll: { id: ROLL.id, stopped: { why: 'me undid what was safe to undo' } } },
    });
    expect(nextUndoStep(state(rolling(left, { stopped })))).toMatchObject({ what: 'give-back', roll: { stopped } });
  });

  test('a Job that does not go is left, and so is one of a node that is not there', () => {
    const going = withJob(world().look(), { going: true });
    const gone = withJob(world().look(), { node: 'elsewhere' });

    expect(nextUndoStep(lasting(going, OPTIONS.bootMs - 1))).toMatchObject({ do: 'wait' });
    expect(nextUndoStep(lasting(going, OPTIONS.bootMs))).toMatchObject({ do: 'lease', what: 'give-back' });
    expect(nextUndoStep(state(gone))).toMatchObject({ do: 'lease', what: 'give-back' });
  });
});

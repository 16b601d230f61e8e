/** Single looks of `--undo`: what it must not take back. */
import { expect, test } from 'vitest';
import type { Seen } from '../../../src/ops/reboot/state.js';
import { nextUndoStep } from '../../../src/ops/reboot/undo-step.js';
import { marked, state, withJob, world } from './looks.js';

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

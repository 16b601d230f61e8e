/** Single looks of a roll that has noted why it stops: what it puts back, and what it leaves. */
import { describe, expect, test } from 'vitest';
import { nextStep } from '../../../src/ops/reboot/next-step.js';
import type { Mark, Seen, SeenJob, SeenNode, Stopped } from '../../../src/ops/reboot/state.js';
import { lasting, marked, rolling, withJob, withNode, world } from './looks.js';

const STOPPED: Stopped = { node: 'attic', step: 'reboot', why: 'its host refused' };
const stopped = (seen: Seen, ms = 0) => nextStep(lasting(rolling(seen, { stopped: STOPPED }), ms));

const begun = { progress: 'begun' } as const;
const GIVES_LOCK_BACK = { do: 'lease', what: 'give-back', holder: '', roll: { stopped: STOPPED } };
const NOTES = { do: 'mark', what: 'note', node: 'attic', mark: { why: STOPPED.why } };

const look = (mark: Partial<Mark> = {}, node: Partial<SeenNode> = {}): Seen =>
  withNode(marked(world().look(), { step: 'reboot', ...mark }), 'attic', node);

describe('a marked node', () => {
  test('is put back where nothing has happened to it: first its Job, then its mark and cordon', () => {
    expect(stopped(withJob(look()))).toMatchObject({ do: 'remove-job', uid: 'j-1' });
    expect(stopped(withJob(look(), { going: true }))).toMatchObject({ do: 'wait', why: 'until its Job is gone' });
    expect(stopped(look())).toMatchObject({ do: 'mark', what: 'give-back', node: 'attic', unschedulable: false });
  });

  test.each<[string, Partial<SeenNode>, Partial<SeenJob> | null]>([
    ['has rebooted', { bootId: 'attic-boot-2' }, null],
    ['is not Ready', { ready: false }, null],
    ['may reboot at any moment', {}, begun],
    ['may reboot at any moment, in whichever boot it is', { bootId: '' }, begun],
  ])('that %s keeps cordon and mark, and gets the reason', (_, node, job) => {
    const of = (mark: Partial<Mark>): Seen => (job === null ? look(mark, node) : withJob(look(mark, node), job));

    expect(stopped(of({}))).toMatchObject(NOTES);
    expect(stopped(of({ why: STOPPED.why }))).toMatchObject(GIVES_LOCK_BACK);
  });

  test('whose Job does not go within a minute gets the reason as well', () => {
    const stuck = withJob(look(), { going: true });

    expect(stopped(stuck, 59_999)).toMatchObject({ do: 'wait' });
    expect(stopped(stuck, 60_000)).toMatchObject(NOTES);
    // What can still be put back is, however late.
    expect(stopped(look(), 60_000)).toMatchObject({ do: 'mark', what: 'give-back' });
  });

  test('with a mark that nobody can read is left as it is', () => {
    expect(stopped(withNode(world().look(), 'attic', { mark: 'unreadable' }))).toMatchObject(GIVES_LOCK_BACK);
  });
});

describe('a Job whose node is not marked', () => {
  test('is removed where nothing of it has begun', () => {
    expect(stopped(withJob(world().look()))).toMatchObject({ do: 'remove-job', uid: 'j-1' });
    expect(stopped(withJob(world().look(), { node: 'elsewhere' }))).toMatchObject({ do: 'remove-job' });
  });

  test.each<Partial<SeenJob>>([begun, { going: true }, { uid: null }])('is left where it is %j', (job) => {
    expect(stopped(withJob(world().look(), job))).toMatchObject(GIVES_LOCK_BACK);
  });

  test('is found behind one that is left', () => {
    const first = withJob(world().look(), begun).jobs;
    const second = withJob(world().look(), { node: 'barn', uid: 'j-2', bootId: 'barn-boot-1' }).jobs;

    expect(stopped({ ...world().look(), jobs: [...first, ...second] })).toMatchObject({ do: 'remove-job', uid: 'j-2' });
  });
});

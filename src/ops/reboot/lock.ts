/** Who may act: the Lease is taken, kept and given back here, and nothing else is done without it. */
import { endOf, notBegun } from './ends.js';
import { isBegun, rollOn } from './standing.js';
import type { Monotonic, Roll, RollState, SeenLease, Step } from './state.js';
import { waitFor } from './steps.js';

export const LEASE_MS = 60_000;
const RENEW_AFTER_MS = 10_000;

/** Half of the Lease: a write that was sent by then has arrived or failed before anybody may take it over. */
const ACT_WITHIN_MS = 30_000;

export interface Held {
  readonly lease: SeenLease;
  readonly roll: Roll;
}

type Purpose = 'roll' | 'undo';

/** The Lease and its roll where this run may act on them now, otherwise the step towards it. */
export function lock(state: RollState, to: Purpose = 'roll'): Held | Step {
  const { seen, watched, me } = state;
  const { lease } = seen;
  if (watched.held !== null) {
    const roll = rollOn(lease);
    if (lease === null || lease.holder !== me || roll === null) return endOf(state, watched.held);
    return isDue(state) ? renewed(state, { lease, roll }) : { lease, roll };
  }
  if (watched.lease?.changed === true) {
    // What this run was asked for was asked of a cluster that is being changed: a node might go twice.
    return notBegun('refused', whoWorks(lease), 'wait until it has ended, and ask again');
  }
  if (lease?.roll === 'unreadable') {
    return notBegun('stopped', `its annotation on the Lease is not a roll's`, 'look at it, and take it off');
  }
  if (lease !== null && lease.holder !== '') return waitedOut(state, lease) ?? taken(state, to);
  return (to === 'undo' ? undefined : nothingToDo(state)) ?? taken(state, to);
}

function whoWorks(lease: SeenLease | null): string {
  if (lease !== null && lease.holder !== '') return `${lease.holder} is at work, and holds the Lease`;
  const roll = rollOn(lease);
  return `${roll === null ? 'another run' : `a run for ${roll.by}`} has just ended`;
}

/** The answer to a renewal may be lost: then it is not known whether it holds, and it is renewed again. */
function isDue({ renewedAt, lookedAt, now }: RollState): boolean {
  if (renewedAt === null) return true;
  return lookedAt - renewedAt >= RENEW_AFTER_MS || now - renewedAt >= ACT_WITHIN_MS;
}

const renewed = ({ me }: RollState, { lease, roll }: Held): Step => ({
  do: 'lease',
  what: 'renew',
  guard: lease.resourceVersion,
  holder: me,
  roll,
  why: 'keeps the lock',
});

/** A step while its holder may be alive; undefined once it has not changed for its whole length. */
function waitedOut(state: RollState, { holder, durationMs }: SeenLease): Step | undefined {
  const { watched, now } = state;
  const left = durationMs - (now - (watched.lease?.since ?? now));
  if (left <= 0) return undefined;
  return waitFor(Math.min(left, 2_000), 'lock', null, `whether ${holder}, who holds the Lease, is still alive`);
}

function taken({ me, ask, seen }: RollState, to: Purpose): Step {
  const { lease } = seen;
  const before = rollOn(lease);
  // One whose run died at its very end is ended, and not begun again.
  const goesOn = before !== null && (isBegun(seen) || lease?.holder !== '');
  return {
    do: 'lease',
    what: goesOn ? 'go-on' : 'begin',
    guard: lease?.resourceVersion ?? null,
    holder: me,
    roll: goesOn
      ? { ...before, stopped: null }
      : {
          ...ask,
          boots: Object.fromEntries(seen.nodes.map(({ name, bootId }) => [name, bootId])),
          ...{ done: [], settling: null, stopped: null },
        },
    why: whyTaken(to, goesOn ? before : null, ask.id),
  };
}

function whyTaken(to: Purpose, before: Roll | null, id: string): string {
  if (to === 'undo') return before === null ? 'undoes what stands' : `undoes roll ${before.id} of ${before.by}`;
  return before === null ? `begins roll ${id}` : `goes on with roll ${before.id} of ${before.by}`;
}

function nothingToDo({ seen, ask }: RollState): Step | undefined {
  if (isBegun(seen) || ask.nodes.length > 0) return undefined;
  return { do: 'end', end: { kind: 'finished', done: [], elsewhere: [] } };
}

/** One write on the Lease, under the lock. */
export const noted = (
  { me }: RollState,
  { lease }: Held,
  what: 'done' | 'stop' | 'give-back',
  roll: Roll | null,
  why: string,
): Step => ({
  do: 'lease',
  what,
  guard: lease.resourceVersion,
  holder: what === 'give-back' ? '' : me,
  roll,
  why,
});

/** How long ago this run first saw it; 0 where it has not. */
export const elapsed = ({ watched, now }: RollState, key: string): Monotonic => now - (watched.since.get(key) ?? now);

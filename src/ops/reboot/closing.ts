/** A roll whose time is over: what was begun is brought to its end, and no other node goes. */
import { nextStep } from './next-step.js';
import { isUnderWayIn, remaining, rollOn } from './standing.js';
import type { RollState, Step } from './state.js';

/** In place of `nextStep` once no node may be begun any more. Nothing of it is remembered: the next call goes on. */
export function nextClosingStep(state: RollState): Step {
  const { seen, me, watched } = state;
  const { lease } = seen;
  if (isUnderWayIn(seen)) return nextStep(state);
  const roll = rollOn(lease);
  // A stop of this run is noted, and said once the lock is given back, as ever.
  if (watched.held !== null && watched.held.stopped !== null) return nextStep(state);
  if (lease !== null && lease.holder === me) {
    const why = 'the time for it is over: gives the lock back';
    return { do: 'lease', what: 'give-back', guard: lease.resourceVersion, holder: '', roll, why };
  }
  const open = roll === null ? state.ask.nodes : remaining(roll, seen);
  return { do: 'end', end: { kind: 'closed', done: roll?.done ?? [], open } };
}

/** What the checks answered last, where it may still be acted on. */
import { elapsed } from './lock.js';
import type { Checked, RollState } from './state.js';

/** An answer older than this says nothing of now. */
const FRESH_MS = 30_000;

/** Null: none to that question of now. `key`: the timer of what is asked about; an answer from before that is of something else. */
export function answerTo(
  state: RollState,
  { node, phase }: Pick<Checked, 'node' | 'phase'>,
  key: string,
): Checked | null {
  const { checked, now, lookedAt } = state;
  const since = now - elapsed(state, key);
  const isIt = checked?.node === node && checked.phase === phase && checked.at >= since;
  return isIt && lookedAt - checked.at < FRESH_MS ? checked : null;
}

/**
 * What a roll does next, from what is there.
 *
 * It does not remember: a run that goes on where another died, or was cut off, finds the same step as that one would have.
 */
import { stoppedAt } from './ends.js';
import { freeStep, stopped } from './free-step.js';
import { lock } from './lock.js';
import { nodeStep } from './node-step.js';
import type { RollState, Step } from './state.js';
import { stopStep } from './stop-step.js';

export function nextStep(state: RollState): Step {
  const held = lock(state);
  if ('do' in held) return held;
  const { roll } = held;
  if (roll.stopped !== null) return stopStep(state, held, roll.stopped);
  const marked = state.seen.nodes.filter(({ mark }) => mark !== null);
  const [node, another] = marked;
  if (another !== undefined) {
    const names = marked.map(({ name }) => name).join(', ');
    return stopped(state, held, stoppedAt(null, 'lock', `more than one node is marked: ${names}`));
  }
  if (node?.mark === 'unreadable') {
    return stopped(state, held, stoppedAt(node.name, 'lock', "its mark is not a roll's"));
  }
  if (node !== undefined && node.mark !== null) return nodeStep(state, held, node, node.mark);
  const lost = state.watched.marked?.node;
  if (lost !== undefined && roll.nodes.includes(lost) && !roll.done.includes(lost)) {
    return stopped(state, held, stoppedAt(lost, 'drain', 'somebody has taken its mark off'));
  }
  return freeStep(state, held);
}

/**
 * What `--undo` does next: marks, cordons of ours, Jobs and the Lease are taken back, where no reboot is under way.
 *
 * What is not safe to take back stays, and the Lease with it, so that a roll can go on from there.
 */
import { stoppedAt } from './ends.js';
import { elapsed, type Held, lock, noted } from './lock.js';
import { leftBehind } from './standing.js';
import type { Mark, RollState, SeenNode, Step } from './state.js';
import { givenBack, isUnderWay, jobRemoved, rebooted, SOON_MS, waitFor } from './steps.js';
import { timer } from './watch.js';

export function nextUndoStep(state: RollState): Step {
  const { seen, watched, me } = state;
  if (watched.held === null && seen.lease === null && leftBehind(seen).length === 0) return undone(state);
  if (watched.held !== null && (seen.lease === null || seen.lease.holder === '')) return undone(state);
  const held = lock({ ...state, ask: { ...state.ask, nodes: [] } }, 'undo');
  if ('do' in held) return held;
  for (const node of seen.nodes) {
    const step = node.mark === null || node.mark === 'unreadable' ? undefined : undoNode(state, node, node.mark);
    if (step !== undefined) return step;
  }
  return undoJobs(state) ?? ended(state, held, me);
}

const undone = ({ seen }: RollState): Step => ({ do: 'end', end: { kind: 'undone', left: leftBehind(seen) } });

/** Undefined: nothing can be done for it, and it stays as it is. */
function undoNode(state: RollState, node: SeenNode, mark: Mark): Step | undefined {
  const job = state.seen.jobs.find((job) => job.node === node.name);
  if (rebooted(node, mark)) {
    if (!node.ready) return undefined;
    return (job?.going === false ? jobRemoved(job, 'its work is done') : undefined) ?? givenBack(node, mark);
  }
  if (isUnderWay(job, node) && elapsed(state, timer.job(node.name)) < state.options.bootMs) {
    return waitFor(SOON_MS, 'reboot', node.name, 'its reboot may be under way');
  }
  if (job === undefined) return givenBack(node, mark);
  if (!node.ready && job.progress === 'begun') return undefined;
  const removal = job.going ? undefined : jobRemoved(job, 'the roll is undone');
  if (removal !== undefined) return removal;
  if (elapsed(state, timer.job(node.name)) >= 2 * state.options.bootMs) return undefined;
  return waitFor(SOON_MS, 'reboot', node.name, 'until its Job is gone');
}

/** Of nodes without a mark; those with one are their node's. Undefined: none, or one that is not to be removed now. */
function undoJobs(state: RollState): Step | undefined {
  const { seen, options } = state;
  const job = seen.jobs.find(({ node: name }) => seen.nodes.find((node) => node.name === name)?.mark === null);
  const node = seen.nodes.find(({ name }) => name === job?.node);
  if (job === undefined || node === undefined || elapsed(state, timer.job(job.node)) >= options.bootMs)
    return undefined;
  const removal = job.going || isUnderWay(job, node) ? undefined : jobRemoved(job, 'the roll is undone');
  return removal ?? waitFor(SOON_MS, 'reboot', job.node, 'until its Job is gone');
}

function ended(state: RollState, held: Held, by: string): Step {
  const { lease, roll } = held;
  if (leftBehind(state.seen).length === 0) {
    return {
      do: 'remove-lease',
      uid: lease.uid,
      resourceVersion: lease.resourceVersion,
      why: 'nothing of the roll is left',
    };
  }
  const stopped = stoppedAt(null, 'lock', `${by} undid what was safe to undo`);
  return noted(state, held, 'give-back', { ...roll, stopped: roll.stopped ?? stopped }, 'gives the lock back');
}

/** After the reason is noted on the Lease: what is safe is put back, what is not keeps its cordon, mark and reason. */
import { elapsed, type Held, noted } from './lock.js';
import type { Mark, RollState, SeenNode, Step, Stopped } from './state.js';
import { givenBack, isUnderWay, jobRemoved, marked, rebooted, SOON_MS, waitFor } from './steps.js';
import { timer } from './watch.js';

/** For a Job that does not go; its node then keeps the mark. */
const STOP_PATIENCE_MS = 60_000;

export function stopStep(state: RollState, held: Held, stopped: Stopped): Step {
  for (const node of state.seen.nodes) {
    const { mark } = node;
    if (mark === null || mark === 'unreadable') continue;
    const step = leaveOrPutBack(state, node, mark, stopped);
    if (step !== undefined) return step;
  }
  const job = state.seen.jobs.find((job) => !job.going && job.uid !== null && isIdle(state, job.node));
  const removal = job === undefined ? undefined : jobRemoved(job, 'its reboot has not begun, and will not');
  return removal ?? noted(state, held, 'give-back', held.roll, 'gives the lock back');
}

/** Its node is not marked (somebody took the mark off), and nothing of it has begun. */
function isIdle({ seen }: RollState, name: string): boolean {
  const node = seen.nodes.find((node) => node.name === name);
  const job = seen.jobs.find((job) => job.node === name);
  return node === undefined || (node.mark === null && !isUnderWay(job, node));
}

function leaveOrPutBack(state: RollState, node: SeenNode, mark: Mark, { why }: Stopped): Step | undefined {
  const back = putBack(state, node, mark);
  const late = elapsed(state, timer.stopping) >= STOP_PATIENCE_MS;
  if (back !== undefined && !(back.do === 'wait' && late)) return back;
  return mark.why === why ? undefined : marked(node, 'note', { ...mark, why }, 'notes why it stays cordoned');
}

/** Towards the node as it was; undefined where that is not safe: it has rebooted, or may at any moment, or is not there. */
export function putBack({ seen }: RollState, node: SeenNode, mark: Mark): Step | undefined {
  const job = seen.jobs.find((job) => job.node === node.name);
  if (rebooted(node, mark) || !node.ready || isUnderWay(job, node)) return undefined;
  if (job === undefined) return givenBack(node, mark);
  const removal = job.going ? undefined : jobRemoved(job, 'its reboot has not begun, and will not');
  return removal ?? waitFor(SOON_MS, 'reboot', node.name, 'until its Job is gone');
}

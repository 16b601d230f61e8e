/** What is next for the node that carries the mark: drained, rebooted, looked at, given back. */
import { verdictOf } from '../check/result.js';
import { answerTo } from './answer.js';
import { drainOf, nameOfPod, staysBecause, withoutReady } from './drain.js';
import { stoppedAt } from './ends.js';
import { stopped, wordsOf } from './free-step.js';
import { elapsed, type Held, noted } from './lock.js';
import { isAnotherBoot } from './standing.js';
import type { Mark, Phase, RollState, SeenNode, Step } from './state.js';
import { givenBack, isUnderWay, jobRemoved, marked, othersDown, rebooted, SOON_MS, unwell, waitFor } from './steps.js';
import { putBack } from './stop-step.js';
import { timer } from './watch.js';

const VERIFY_AGAIN_MS = 2_000;

/** One node under way: what it is, and what the roll says of it. */
interface Work {
  readonly state: RollState;
  readonly held: Held;
  readonly node: SeenNode;
  readonly mark: Mark;
}

export function nodeStep(state: RollState, held: Held, node: SeenNode, mark: Mark): Step {
  const work: Work = { state, held, node, mark };
  const { roll } = held;
  if (roll.done.includes(node.name)) return jobGone(work) ?? givenBack(node, mark);
  if (interfered(work)) return stop(work, phaseOf(work), 'somebody has uncordoned it in the meantime');
  if (rebooted(node, mark)) return verifyStep(work);
  // Of an earlier roll, whose Lease is gone: nobody has asked for this node's reboot.
  if (!roll.nodes.includes(node.name) && !isUnderWay(jobOf(work), node))
    return putBack(state, node, mark) ?? stop(work, phaseOf(work), 'its reboot is of another roll');
  return mark.step === 'drain' ? drainStep(work) : rebootStep(work);
}

const phaseOf = ({ node, mark }: Work): Phase => (rebooted(node, mark) ? 'verify' : mark.step);

const stop = ({ state, held, node }: Work, step: Phase, why: string): Step =>
  stopped(state, held, stoppedAt(node.name, step, why));

/** A run that comes later cannot know when it was uncordoned: it looks at a node that has rebooted, and goes on. */
function interfered({ state, node, mark }: Work): boolean {
  if (node.unschedulable) return false;
  const { marked: last } = state.watched;
  return !rebooted(node, mark) || (last?.node === node.name && last.cordoned);
}

const jobOf = ({ state, node }: Work) => state.seen.jobs.find((job) => job.node === node.name);

function jobGone(work: Work): Step | undefined {
  const job = jobOf(work);
  return job === undefined || job.going ? undefined : jobRemoved(job, 'its work is done');
}

function drainStep(work: Work): Step {
  const { state, node, mark } = work;
  const { seen, options } = state;
  const job = jobOf(work);
  if (job !== undefined) {
    if (isUnderWay(job, node))
      return marked(node, 'step', { ...mark, step: 'reboot' }, 'its reboot is under way already');
    const removal = job.going ? undefined : jobRemoved(job, 'it is of an earlier roll');
    return removal ?? waitFor(SOON_MS, 'drain', node.name, 'until the Job of an earlier roll is gone');
  }
  const since = elapsed(state, timer.drain(node.name, mark));
  const { leaving, evict, waits } = drainOf(state, node.name, since);
  const inTheWay = [
    ...unwell(node),
    ...othersDown(state.seen, node.name),
    ...withoutReady(seen, mark.workloads, node.name, options).map((name) => `${name} would have no ready pod`),
  ];
  if (leaving.length === 0 && inTheWay.length === 0) {
    const before = seen.pods.filter((pod) => pod.node === node.name).flatMap(({ containers }) => containers);
    return marked(node, 'step', { ...mark, step: 'reboot', before }, 'is drained');
  }
  if (since >= options.drainMs) {
    const rest = leaving.map(
      (pod) => waits.find((wait) => wait.startsWith(`Pod ${nameOfPod(pod)}:`)) ?? `Pod ${nameOfPod(pod)}`,
    );
    return stop(work, 'drain', `not drained within its time: ${[...inTheWay, ...rest].join('; ')}`);
  }
  if (evict.length > 0 && node.ready) return { do: 'evict', node: node.name, pods: evict };
  return waitFor(SOON_MS, 'drain', node.name, [...inTheWay, ...waits].join('; '));
}

function rebootStep(work: Work): Step {
  const { state, node, mark, held } = work;
  const job = jobOf(work);
  const late = elapsed(state, timer.boot(node.name, mark)) >= state.options.bootMs;
  if (job === undefined || isAnotherBoot(job.bootId, node.bootId)) {
    const stale = job === undefined || job.going ? undefined : jobRemoved(job, 'it is of an earlier boot');
    if (stale !== undefined) return stale;
    const inTheWay = [...unwell(node), ...othersDown(state.seen, node.name)];
    if (late)
      return stop(work, 'reboot', `not begun within its time: ${inTheWay.join('; ') || 'it could not be asked for'}`);
    if (job === undefined && inTheWay.length === 0) {
      return { do: 'reboot', node: node.name, roll: held.roll.id, bootId: node.bootId };
    }
    return waitFor(SOON_MS, 'reboot', node.name, inTheWay.join('; ') || 'until the Job of an earlier boot is gone');
  }
  const said = job.said === '' ? '' : `: ${job.said}`;
  if (job.progress === 'refused') return stop(work, 'reboot', `its host refused${said}`);
  if (late) return stop(work, 'reboot', `it has not come back in another boot within its time${said}`);
  return waitFor(
    SOON_MS,
    'reboot',
    node.name,
    job.progress === 'begun'
      ? 'until it is back in another boot'
      : `until its ${job.overSsh ? 'host is asked over SSH' : 'Job begins'}${said}`,
  );
}

function verifyStep(work: Work): Step {
  const { state, node, mark, held } = work;
  const { options, now } = state;
  const key = timer.verify(node.name, mark);
  const returned = state.watched.since.has(key);
  const lateBack = !returned && elapsed(state, timer.boot(node.name, mark)) >= options.bootMs;
  const late = lateBack || elapsed(state, key) >= options.verifyMs;
  if (!node.ready) {
    if (late) return stop(work, 'verify', 'it has rebooted, and is not Ready within its time');
    return waitFor(SOON_MS, 'verify', node.name, 'until it is Ready');
  }
  const removal = jobGone(work);
  if (removal !== undefined) return removal;
  const missing = notBack(work);
  if (missing.length > 0) {
    if (late) return stop(work, 'verify', missing.join('; '));
    return waitFor(SOON_MS, 'verify', node.name, missing.join('; '));
  }
  const answer = answerTo(state, { node: node.name, phase: 'after' }, key);
  if (answer !== null) {
    if (verdictOf(answer.results) === 'pass') {
      const { roll } = held;
      const settling = { node: node.name, workloads: mark.workloads };
      return noted(
        state,
        held,
        'done',
        { ...roll, done: [...roll.done, node.name], settling },
        `notes that ${node.name} is well in its new boot`,
      );
    }
    const why = wordsOf(answer.results).join('; ');
    if (late) return stop(work, 'verify', why);
    if (now - answer.at < VERIFY_AGAIN_MS) return waitFor(SOON_MS, 'verify', node.name, why);
  }
  return { do: 'check', node: node.name, phase: 'after' };
}

/** Pods on the node that are not ready, or whose containers are those of before the reboot: their status is old. */
const notBack = ({ state, node, mark }: Work): readonly string[] =>
  state.seen.pods
    .filter((pod) => pod.node === node.name && !pod.terminating && !pod.completed)
    .filter((pod) => staysBecause(pod, state.options) !== 'ours')
    .filter((pod) => !pod.ready || pod.containers.some((id) => mark.before.includes(id)))
    .map((pod) => `Pod ${nameOfPod(pod)} is not ready in the new boot`);

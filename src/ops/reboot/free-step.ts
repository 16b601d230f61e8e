/** What is next while no node is marked: the last one settles, the next one is asked about, or all is done. */

import { jobName } from '../../manifest/reboot-job-name.js';
import type { CheckResult } from '../check/result.js';
import { verdictOf } from '../check/result.js';
import { shortTroubles } from '../check/short-troubles.js';
import { answerTo } from './answer.js';
import { refusals } from './drain.js';
import { stoppedAt } from './ends.js';
import { elapsed, type Held, noted } from './lock.js';
import { remaining } from './standing.js';
import type { RollState, SeenJob, SeenNode, Step, Stopped } from './state.js';
import { cordoned, isUnderWay, jobRemoved, othersDown, SOON_MS, unwell, waitFor } from './steps.js';
import { timer } from './watch.js';
import { unsettled, wholeOn } from './workloads.js';

const CHECK_AGAIN_MS = 5_000;

/** For an API server that was away while it was asked. */
const UNANSWERED_MS = 60_000;

export function freeStep(state: RollState, held: Held): Step {
  const { seen } = state;
  const [job] = seen.jobs;
  if (job !== undefined) return jobStep(state, held, job);
  const open = nextFirst(remaining(held.roll, seen), state);
  const [next] = open;
  const settling = settleStep(state, held, next !== undefined);
  if (settling !== undefined) return settling;
  if (next === undefined)
    return rebuiltStep(state, held) ?? noted(state, held, 'give-back', held.roll, 'gives the lock back');
  return checkStep(state, held, next);
}

/** A Job of ours whose node is not marked: its work is done, or somebody took the mark off. */
function jobStep(state: RollState, held: Held, job: SeenJob): Step {
  const node = state.seen.nodes.find(({ name }) => name === job.node);
  const underWay = node !== undefined && isUnderWay(job, node);
  if (!underWay && !job.going) {
    const removal = jobRemoved(job, 'it has nothing more to do');
    if (removal !== undefined) return removal;
  }
  if (elapsed(state, timer.job(job.node)) >= state.options.bootMs) {
    return stopped(
      state,
      held,
      stoppedAt(job.node, 'reboot', `Job ${jobName(job.node)} does not go, and its node has no mark`),
    );
  }
  return waitFor(
    SOON_MS,
    'reboot',
    job.node,
    underWay ? 'a reboot is under way, and its node has no mark' : 'until its Job is gone',
  );
}

/** Agents come first in the roll's order; who leads now, and who answers us, waits for the others of its role. */
function nextFirst(names: readonly string[], { seen, options }: RollState): readonly string[] {
  const role = (name: string) => seen.nodes.find((node) => node.name === name)?.role;
  const [first] = names;
  if (options.fixedOrder || first === undefined || !seen.leaders.includes(first)) return names;
  const instead = names.find((name) => !seen.leaders.includes(name) && role(name) === role(first));
  return instead === undefined ? names : [instead, ...names.filter((name) => name !== instead)];
}

function settleStep(state: RollState, held: Held, more: boolean): Step | undefined {
  const { seen, options } = state;
  const { settling, done } = held.roll;
  if (settling === null) return undefined;
  const since = elapsed(state, timer.free(done.length));
  // What a person keeps out is said at the end, and is nothing to wait for.
  const { lacks } = unsettled(seen, settling);
  if (lacks.length > 0) {
    const why = lacks.join('; ');
    if (since >= options.verifyMs) return stopped(state, held, stoppedAt(settling.node, 'settle', why));
    return waitFor(SOON_MS, 'settle', settling.node, why);
  }
  const left = options.settleMs - since;
  return more && left > 0 ? waitFor(Math.min(left, 2_000), 'settle', settling.node, 'it settles') : undefined;
}

/** After the last node no check of a next one waits until its volumes are whole. */
function rebuiltStep(state: RollState, held: Held): Step | undefined {
  const { settling, done } = held.roll;
  const { volumes, settleMs, verifyMs } = state.options;
  if (settling === null || !volumes) return undefined;
  const { node } = settling;
  const answer = answerTo(state, { node, phase: 'settled' }, timer.free(done.length));
  if (answer === null) return { do: 'check', node, phase: 'settled' };
  if (verdictOf(answer.results) === 'pass') return undefined;
  const why = wordsOf(answer.results).join('; ');
  const patience = Math.max(answer.unanswered ? UNANSWERED_MS : 0, settleMs + verifyMs);
  if (elapsed(state, timer.free(done.length)) >= patience) return stopped(state, held, stoppedAt(node, 'settle', why));
  if (state.now - answer.at >= CHECK_AGAIN_MS) return { do: 'check', node, phase: 'settled' };
  return waitFor(SOON_MS, 'settle', node, why);
}

function checkStep(state: RollState, held: Held, next: string): Step {
  const { now, seen } = state;
  const node = seen.nodes.find(({ name }) => name === next);
  const inTheWay = whyNot(state, node, next);
  if (inTheWay.length > 0) return unlessPatient(state, held, next, inTheWay);
  const answer = answerTo(state, { node: next, phase: 'before' }, timer.free(held.roll.done.length));
  if (answer === null) return { do: 'check', node: next, phase: 'before' };
  if (verdictOf(answer.results) !== 'pass') {
    const atLeast = answer.unanswered ? UNANSWERED_MS : 0;
    const patient = unlessPatient(state, held, next, wordsOf(answer.results), atLeast);
    const again = patient.do === 'wait' && now - answer.at >= CHECK_AGAIN_MS;
    return again ? { do: 'check', node: next, phase: 'before' } : patient;
  }
  // Not undefined: `inTheWay` has said so.
  if (node === undefined) return unlessPatient(state, held, next, ['it is not in the cluster']);
  return cordoned(node, {
    roll: held.roll.id,
    step: 'drain',
    bootId: node.bootId,
    // What the guard of this very write holds it to.
    cordoned: node.unschedulable ? 'by-others' : 'by-us',
    workloads: wholeOn(seen, next),
    before: [],
    why: null,
  });
}

function whyNot({ seen, options }: RollState, node: SeenNode | undefined, name: string): readonly string[] {
  if (node === undefined) return [`node ${name} is not in the cluster`];
  return [...unwell(node), ...othersDown(seen, name), ...refusals(name, seen, options)];
}

function unlessPatient(state: RollState, held: Held, node: string, whys: readonly string[], atLeast = 0): Step {
  const { done } = held.roll;
  const { settleMs, verifyMs } = state.options;
  // What follows a node that is back (volumes, applications) may still be on its way; a first node has no such excuse.
  const patience = Math.max(atLeast, done.length === 0 ? 0 : settleMs + verifyMs);
  const why = whys.join('; ');
  if (elapsed(state, timer.free(done.length)) >= patience) return stopped(state, held, stoppedAt(node, 'check', why));
  return waitFor(SOON_MS, 'check', node, why);
}

export const wordsOf = (results: readonly CheckResult[]): readonly string[] => {
  if (results.length === 0) return ['no check was asked'];
  const unknown = results.filter(({ verdict }) => verdict === 'unknown');
  return [
    ...shortTroubles(results.filter(({ verdict }) => verdict === 'fail')),
    ...shortTroubles(unknown).map((line) => `cannot be told: ${line}`),
  ];
};

/** First it is noted why; what has to be put back is put back after that, also by another run. */
export const stopped = (state: RollState, held: Held, why: Stopped): Step =>
  noted(state, held, 'stop', { ...held.roll, stopped: why }, `stops: ${why.why}`);

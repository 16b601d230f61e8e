/** Carries out a roll, or takes one back, with everybody told who is to be told. */
import { randomBytes, randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { Cluster } from '../cluster/cluster.js';
import { OperatorError } from '../errors.js';
import type { ActingKubeApi } from '../live/kube-actions.js';
import { saying } from '../ops/check/saying.js';
import { nextClosingStep } from '../ops/reboot/closing.js';
import { nextStep } from '../ops/reboot/next-step.js';
import type { Wanted } from '../ops/reboot/plan.js';
import type { Ask, Checked, End, RollOptions } from '../ops/reboot/state.js';
import { nextUndoStep } from '../ops/reboot/undo-step.js';
import type { Io } from './command.js';
import { type AskChecks, isUnanswered } from './reboot-checks.js';
import { drive } from './reboot-driver.js';
import { createRollEvents, type Told } from './reboot-events.js';
import { notifierOf } from './reboot-notify.js';
import { createSshHosts } from './reboot-over-ssh.js';
import { createWatcher } from './reboot-watcher.js';

interface Apply {
  readonly api: ActingKubeApi;
  readonly cluster: Cluster;
  readonly options: RollOptions;
  readonly checks: AskChecks;
  readonly wanted: readonly Wanted[];
  /** As a person gave it. */
  readonly reason: string | null;
  readonly undo: boolean;
  /** Whether another node may be begun at that time; null: at any. */
  readonly mayBegin: ((time: Date) => boolean) | null;
  readonly output: 'text' | 'json';
}

export async function applyRoll(apply: Apply, io: Io): Promise<0 | 1 | 2> {
  const { api, cluster, options, checks, wanted, undo, output, mayBegin } = apply;
  const clock = io.monotonic;
  const watcher = createWatcher(io, clock);
  const by = `${userName(io)}@${hostname()}`;
  const ask: Ask = {
    id: randomBytes(4).toString('hex'),
    reason: apply.reason ?? ([...new Set(wanted.map(({ reason }) => reason))].join('; ') || 'none'),
    by,
    nodes: wanted.map(({ node }) => node),
  };
  const notifier = undo ? null : await notifierOf(api, cluster, watcher.say);
  const events = createRollEvents(ask);
  const tell = (told: Told): void => notifier?.tell({ ...told, cluster: cluster.name });
  const signals = listen(io, watcher.say);
  const hosts = createSshHosts({ cluster, undo, clock, environment: io.environment, say: watcher.say });
  const { time, isTold } = await clockOf(api, clock);
  // Where nobody can tell the time, it is not the time for it.
  const isOpen = (): boolean => mayBegin === null || (isTold && mayBegin(time()));
  try {
    const outcome = await Promise.race([
      signals.atOnce,
      drive({
        ...{ api, cluster, options, ask, clock, time, watcher, hosts },
        me: `${by}/${randomUUID()}`,
        next: undo ? nextUndoStep : (state) => (isOpen() ? nextStep(state) : nextClosingStep(state)),
        check: (node, phase) => answered(checks, node, phase),
        told: (when, step) => events.of(when, step).forEach(tell),
        ending: signals.ending,
      }),
    ]);
    const { end, downtime } = outcome;
    const last = events.atEnd(end, { interrupted: signals.ending.aborted });
    if (last !== null) tell(last);
    if (output === 'json') io.out(JSON.stringify({ ...end, downtime, roll: events.roll() }, undefined, 2));
    else watcher.end(end, downtime);
    await notifier?.settled();
    return statusOf(end);
  } finally {
    signals.release();
    hosts.end();
  }
}

/** A name is for people; a container may have none for its number. */
function userName({ environment }: Io): string {
  try {
    return userInfo().username;
  } catch {
    // No such entry in /etc/passwd.
    return environment.USER ?? 'somebody';
  }
}

/** The API server's time of day, carried on by a clock that nobody sets. For people, and for when a roll may begin. */
async function clockOf(api: ActingKubeApi, clock: () => number) {
  const at = clock();
  const now = await api.now();
  const base = now.ok ? now.value : 0;
  return { time: () => new Date(base + clock() - at), isTold: now.ok };
}

/** What cannot be asked is unknown, and that is an answer that stops a roll. */
async function answered(checks: AskChecks, node: string, phase: Checked['phase']) {
  try {
    const { facts, answers } = await checks();
    return { results: answers(node, phase), ...(isUnanswered(facts) ? { unanswered: true as const } : {}) };
  } catch (error) {
    const why = `they broke: ${error instanceof Error ? error.message : error}`;
    return { results: [saying('reboot').unknown('the checks', why)] };
  }
}

function listen(io: Io, say: (line: string) => void) {
  const ending = new AbortController();
  let hurry = (_error: Error): void => undefined;
  const atOnce = new Promise<never>((_, reject) => {
    hurry = reject;
  });
  const release = io.takeSignals((signal) => {
    if (ending.signal.aborted) {
      hurry(
        new OperatorError(`ended at once by a second ${signal}: what was being written may have arrived`, [
          'selfheal reboot --apply goes on; selfheal reboot --undo takes back what stands',
        ]),
      );
      return;
    }
    say(`${signal}: ends after what is being written; once more: at once`);
    ending.abort();
  });
  return { ending: ending.signal, atOnce, release };
}

function statusOf(end: End): 0 | 1 | 2 {
  switch (end.kind) {
    case 'finished':
    case 'closed':
      return 0;
    case 'undone':
      return end.left.length === 0 ? 0 : 1;
    case 'lost':
      return 2;
    default:
      return 1;
  }
}

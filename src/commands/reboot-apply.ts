/** Carries out a roll, or takes one back, with everybody told who is to be told. */
import { randomBytes, randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { Cluster } from '../cluster/cluster.js';
import { OperatorError } from '../errors.js';
import type { ActingKubeApi } from '../live/kube-actions.js';
import type { CheckResult } from '../ops/check/result.js';
import { saying } from '../ops/check/saying.js';
import { nextClosingStep } from '../ops/reboot/closing.js';
import { nextStep } from '../ops/reboot/next-step.js';
import type { Wanted } from '../ops/reboot/plan.js';
import { endText } from '../ops/reboot/progress.js';
import type { Ask, Checked, End, RollOptions, Step } from '../ops/reboot/state.js';
import { nextUndoStep } from '../ops/reboot/undo-step.js';
import type { Io } from './command.js';
import type { AskChecks } from './reboot-checks.js';
import { drive } from './reboot-driver.js';
import { createNotifier, type Event, type Notifier, readUrl } from './reboot-notify.js';
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
  const notifier = await notifierFor(apply, watcher.say);
  const tell = (event: Omit<Event, 'cluster' | 'roll'>): void =>
    notifier?.tell({ ...event, cluster: cluster.name, roll: ask.id });
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
        told: (when, step) => eventsOf(when, step, ask).forEach(tell),
        ending: signals.ending,
      }),
    ]);
    const { end, downtime } = outcome;
    if (!undo && !isQuiet(end, wanted)) tell(endEvent(end));
    await notifier?.settled();
    if (output === 'json') io.out(JSON.stringify({ ...end, downtime, roll: ask.id }, undefined, 2));
    else watcher.end(end, downtime);
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

async function notifierFor({ api, cluster, undo }: Apply, say: (line: string) => void): Promise<Notifier | null> {
  const { notify } = cluster.reboots;
  if (notify === null || undo) return null;
  const url = await readUrl(api, notify);
  if (url.ok) return createNotifier(notify.kind, url.value, say);
  say(`nobody will be notified: ${url.failure.message}`);
  return null;
}

/** The API server's time of day, carried on by a clock that nobody sets. For people, and for when a roll may begin. */
async function clockOf(api: ActingKubeApi, clock: () => number) {
  const at = clock();
  const now = await api.now();
  const base = now.ok ? now.value : 0;
  return { time: () => new Date(base + clock() - at), isTold: now.ok };
}

/** What cannot be asked is unknown, and that is an answer that stops a roll. */
async function answered(checks: AskChecks, node: string, phase: Checked['phase']): Promise<readonly CheckResult[]> {
  try {
    const { answers } = await checks();
    return answers(node, phase);
  } catch (error) {
    return [saying('reboot').unknown('the checks', `they broke: ${error instanceof Error ? error.message : error}`)];
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

function eventsOf(
  when: 'before' | 'after',
  step: Step,
  { nodes, reason }: Ask,
): readonly Omit<Event, 'cluster' | 'roll'>[] {
  if (when === 'before') {
    if (step.do !== 'mark' || step.what !== 'cordon') return [];
    return [{ event: 'node-goes', node: step.node, text: `${step.node} is drained and rebooted now: ${reason}` }];
  }
  if (step.do !== 'lease' || step.roll === null) return [];
  if (step.what === 'begin')
    return [{ event: 'begins', node: null, text: `a roll begins, ${nodes.join(', ')}: ${reason}` }];
  const last = step.what === 'done' ? step.roll.done.at(-1) : undefined;
  return last === undefined
    ? []
    : [{ event: 'node-is-back', node: last, text: `${last} is back in a new boot, and all is well` }];
}

const isQuiet = (end: End, wanted: readonly Wanted[]): boolean =>
  (end.kind === 'finished' && wanted.length === 0) || (end.kind === 'closed' && end.done.length === 0);

function endEvent(end: End): Omit<Event, 'cluster' | 'roll'> {
  const stopped = 'why' in end;
  return { event: stopped ? 'stopped' : 'ended', node: stopped ? end.node : null, text: endText(end).join('\n') };
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

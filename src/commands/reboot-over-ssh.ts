/**
 * Hosts that are asked to reboot over SSH: the same program, bound to the same boot, that a Job would bring.
 *
 * No Job stands for it in the cluster. What this run knows of its asking is shown to the roll as one, and kept nowhere:
 * a run that comes later asks again, and the host's program refuses in any other boot and orders nothing twice.
 */
import type { Cluster, RebootSsh } from '../cluster/cluster.js';
import { hostReboot } from '../layers/node-bootstrap/reboot-job.js';
import type { Written } from '../live/kube-actions.js';
import type { Answer } from '../manifest/live-object.js';
import type { Monotonic, Seen, SeenJob, SeenNode, Step } from '../ops/reboot/state.js';
import type { Io } from './command.js';
import { runOverSsh } from './ssh-run.js';

export interface SshHosts {
  /** The look, with what is asked over SSH in the place of the Jobs. */
  readonly seen: (looked: Answer<Seen>) => Answer<Seen>;
  /** Undefined: the step is none of these hosts'. `seen`: what it was decided by. */
  readonly take: (step: Step, seen: Seen) => Written<unknown> | undefined;
  /** What was not sent is not sent any more. */
  readonly end: () => void;
}

interface SshHostsProps {
  readonly cluster: Cluster;
  readonly environment: Io['environment'];
  readonly clock: () => Monotonic;
  readonly say: (line: string) => void;
  /** An undoing run asks nobody, and does not know what another one asked. */
  readonly undo: boolean;
}

interface Attempt {
  readonly bootId: string;
  readonly abort: AbortController;
  progress: SeenJob['progress'];
  said: string;
  /** When this run first asked it to end that boot. */
  readonly since: Monotonic;
  /** When it ended without having begun; null: it has not. */
  failedAt: Monotonic | null;
}

/** A host that could not be reached. */
const ASK_AGAIN_MS = 15_000;

/** Whoever is asked last has said that it waits, or not, before its time to boot is over. */
const LAST_ASKED_BEFORE_MS = 10_000;

/** What the host's program ends with where it did nothing, and has nothing under way; sudo's refusal too. */
const DID_NOTHING: readonly (number | null)[] = [1, 2];

/** Its node has not said so yet: nothing is refused that is still to be done. */
const HAS_REBOOTED = /: it has rebooted since$/;

export function createSshHosts({ cluster, environment, clock, say, undo }: SshHostsProps): SshHosts {
  const { ssh, bootDeadline } = cluster.reboots;
  const attempts = new Map<string, Attempt>();
  /** What an undoing run has let go of: node and boot. */
  const gone = new Set<string>();

  function jobOf({ name, mark, bootId }: SeenNode): readonly SeenJob[] {
    if (!ssh.has(name) || mark === null || mark === 'unreadable') return [];
    if (mark.step !== 'reboot' || mark.bootId !== bootId) return [];
    const job = { node: name, uid: bootId, roll: mark.roll, bootId, going: false, overSsh: true } as const;
    const attempt = attempts.get(name);
    if (attempt?.bootId !== bootId) {
      return undo && !gone.has(`${name} ${bootId}`) ? [{ ...job, progress: 'begun', said: '' }] : [];
    }
    const { progress, said } = attempt;
    return isToBeAskedAgain(attempt) ? [] : [{ ...job, progress, said }];
  }

  function isToBeAskedAgain({ progress, failedAt, since }: Attempt): boolean {
    const now = clock();
    if (progress !== 'waiting' || failedAt === null || now - failedAt < ASK_AGAIN_MS) return false;
    return now - since < bootDeadline.seconds * 1_000 - LAST_ASKED_BEFORE_MS;
  }

  async function ask(node: string, host: RebootSsh, attempt: Attempt): Promise<void> {
    const { settings, text: program } = hostReboot({ cluster, node, bootId: attempt.bootId });
    const { signal } = attempt.abort;
    const sending = (): void => {
      attempt.progress = 'begun';
    };
    const { sent, status, said } = await runOverSsh({
      ...{ node, ssh: host, environment, settings, program, signal, sending },
    });
    attempt.said = said === '' ? `ssh ended with ${status ?? 'no status'}` : said;
    if (!sent) attempt.failedAt = clock();
    else if (DID_NOTHING.includes(status) && !HAS_REBOOTED.test(said)) attempt.progress = 'refused';
    if (!signal.aborted) say(`${node}: over SSH: ${attempt.said}`);
  }

  function begin(host: RebootSsh, { node, bootId }: Extract<Step, { do: 'reboot' }>): void {
    const abort = new AbortController();
    const before = attempts.get(node);
    const since = before?.bootId === bootId ? before.since : clock();
    const attempt: Attempt = { bootId, abort, since, progress: 'waiting', said: '', failedAt: null };
    attempts.set(node, attempt);
    ask(node, host, attempt).catch((error: unknown) => {
      attempt.said = error instanceof Error ? error.message : String(error);
      attempt.failedAt = clock();
      say(`${node}: over SSH: ${attempt.said}`);
    });
  }

  function letGo(node: string, bootId: string): void {
    const attempt = attempts.get(node);
    gone.add(`${node} ${bootId}`);
    // One that is sent is out of reach, and the look by which this was decided is older than that.
    if (attempt === undefined || attempt.progress === 'begun') return;
    attempt.abort.abort();
    attempts.delete(node);
  }

  return {
    seen: (looked) => {
      if (!looked.ok || ssh.size === 0) return looked;
      const { jobs, nodes } = looked.value;
      const asked = nodes.filter(({ name }) => !jobs.some(({ node }) => node === name)).flatMap(jobOf);
      return { ok: true, value: { ...looked.value, jobs: [...jobs, ...asked] } };
    },
    take: (step, { jobs }) => {
      const host = step.do === 'reboot' ? ssh.get(step.node) : undefined;
      if (step.do === 'reboot' && host !== undefined) begin(host, step);
      else if (step.do === 'remove-job' && jobs.some(({ uid, overSsh }) => uid === step.uid && overSsh)) {
        letGo(step.node, step.uid);
      } else return undefined;
      return { ok: true, value: null };
    },
    end: () => {
      for (const { abort } of attempts.values()) abort.abort();
    },
  };
}

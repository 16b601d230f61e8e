/**
 * Carries out a roll: looks, asks what is next, does that one thing, and looks again.
 *
 * Nothing is decided here, and nothing is kept but what this process has seen itself. A write that failed, or of which
 * nobody knows whether it arrived, is no decision either: the next look shows what became of it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import type { ActingKubeApi } from '../live/kube-actions.js';
import type { Answer } from '../manifest/live-object.js';
import { cutOff } from '../ops/reboot/cut-off.js';
import { type Downtime, downtimes, type Sampled, sample } from '../ops/reboot/downtime.js';
import type { Ask, Checked, End, Monotonic, RollOptions, RollState, Seen, Step, Try } from '../ops/reboot/state.js';
import { NOTHING_WATCHED, watch } from '../ops/reboot/watch.js';
import { look } from './reboot-look.js';
import type { SshHosts } from './reboot-over-ssh.js';
import type { Watcher } from './reboot-watcher.js';
import { write } from './reboot-writes.js';

interface Roll {
  readonly api: ActingKubeApi;
  readonly cluster: Cluster;
  readonly options: RollOptions;
  readonly ask: Ask;
  readonly me: string;
  readonly next: (state: RollState) => Step;
  readonly check: (node: string, phase: Checked['phase']) => Promise<Pick<Checked, 'results' | 'unanswered'>>;
  readonly clock: () => Monotonic;
  /** For people alone. */
  readonly time: () => Date;
  readonly watcher: Watcher;
  readonly hosts: SshHosts;
  /** Before a write is sent, and after one that was taken. */
  readonly told: (when: 'before' | 'after', step: Step) => void;
  /** Somebody wants it to end: after what is being written now. */
  readonly ending: AbortSignal;
}

interface Outcome {
  readonly end: End;
  readonly downtime: readonly Downtime[];
}

/** Between two looks that take long. The lock is renewed in time all the same. */
const LONGEST_REST_MS = 5_000;

/** Between looks at an API server that does not answer. */
const ASK_AGAIN_MS = 1_000;

/** On top of the time that a node may take to come back: the API server may be on it. */
const PATIENCE_MS = 60_000;

/** Its questions are answered one after the other: what the first ones said must still be so when the last one is. */
const LOOK_WITHIN_MS = 20_000;

interface Memory {
  watched: RollState['watched'];
  renewedAt: Monotonic | null;
  checked: Checked | null;
  tries: Map<string, Try>;
  sampled: Sampled | null;
  seen: Seen | null;
  /** Since it was seen. What became of it only another look tells. */
  sent: Step | null;
}

export async function drive(roll: Roll): Promise<Outcome> {
  const { clock, watcher, ending, me, ask, options } = roll;
  const memory: Memory = {
    watched: NOTHING_WATCHED,
    renewedAt: null,
    checked: null,
    tries: new Map(),
    sampled: null,
    seen: null,
    sent: null,
  };
  const ended = (end: End): Outcome => ({ end, downtime: downtimes(memory.sampled) });
  let answeredAt = clock();
  let unanswered = '';

  for (;;) {
    if (ending.aborted) return ended(await endEarly(roll, memory));
    const lookedAt = clock();
    const looked = await lookNow(roll);
    const tookMs = clock() - lookedAt;
    if (!looked.ok) {
      const { message } = looked.failure;
      if (clock() - answeredAt > options.bootMs + PATIENCE_MS) {
        const holds = memory.seen?.lease?.holder === me;
        return ended(cutOff('lost', `the API server does not answer any more: ${message}`, { ...memory, holds }));
      }
      if (unanswered === '') watcher.say(`the API server does not answer: ${message}`);
      unanswered = message;
      await pause(ASK_AGAIN_MS, ending);
      continue;
    }
    if (unanswered !== '') watcher.say('the API server answers again');
    unanswered = '';
    answeredAt = clock();
    [memory.seen, memory.sent] = [looked.value, null];
    memory.sampled = sample(memory.sampled, looked.value, lookedAt);
    memory.watched = watch(memory.watched, looked.value, me, clock());
    const { watched, renewedAt, checked, tries, seen } = { ...memory, seen: looked.value };
    const step = roll.next({ options, ask, me, lookedAt, now: clock(), watched, renewedAt, seen, checked, tries });
    watcher.step(step);
    if (step.do === 'end') return ended(step.end);
    // A look at a large cluster is work for its API server, which has others to answer: no more than half of the time.
    if (step.do === 'wait') await pause(Math.max(step.ms, Math.min(tookMs, LONGEST_REST_MS)), ending);
    else await act(roll, memory, step, looked.value);
  }
}

async function lookNow({ api, cluster, clock, hosts }: Roll): Promise<Answer<Seen>> {
  const began = clock();
  const looked = hosts.seen(await look(api, cluster));
  const took = clock() - began;
  if (!looked.ok || took <= LOOK_WITHIN_MS) return looked;
  const message = `a look at the cluster: expected all of it within ${LOOK_WITHIN_MS / 1_000} s, got it after ${Math.round(took / 1_000)} s`;
  return { ok: false, failure: { kind: 'timed-out', message } };
}

async function act(roll: Roll, memory: Memory, step: Exclude<Step, { do: 'end' | 'wait' }>, seen: Seen): Promise<void> {
  const { clock, watcher } = roll;
  switch (step.do) {
    case 'check': {
      const { node, phase } = step;
      const at = clock();
      memory.checked = { node, phase, at, ...(await roll.check(node, phase)) };
      return;
    }
    case 'evict':
      await Promise.all(step.pods.map((pod) => evict(roll, memory, pod)));
      return;
    default: {
      const sentAt = clock();
      memory.sent = step;
      roll.told('before', step);
      const written =
        roll.hosts.take(step, seen) ??
        (await write({ actions: roll.api.actions, cluster: roll.cluster, time: roll.time }, step, seen.lease));
      if (!written.ok) {
        // Somebody was faster: what there is now says what is next.
        if (written.failure.kind !== 'conflict') watcher.say(written.failure.message);
        return;
      }
      if (step.do === 'lease') memory.renewedAt = sentAt;
      roll.told('after', step);
    }
  }
}

async function evict({ api, clock, watcher }: Roll, { tries }: Memory, pod: Seen['pods'][number]): Promise<void> {
  const { namespace, name, uid } = pod;
  const before = tries.get(uid);
  const at = clock();
  const answer = await api.actions.evict({ namespace, name, uid });
  const held = answer.ok ? (typeof answer.value === 'string' ? null : answer.value.held) : answer.failure.message;
  tries.set(uid, { at, count: (before?.count ?? 0) + 1, held });
  if (held !== null && held !== before?.held) watcher.say(`${namespace}/${name}: not evicted: ${held}`);
}

/** Ends at once where somebody wants it to. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The lock is given back, so that the next call need not wait for it to run out. */
async function endEarly(roll: Roll, memory: Memory): Promise<End> {
  roll.hosts.end();
  // What was written last may have been the lock itself.
  const again = memory.sent === null ? null : await lookNow(roll);
  const { seen, sent } = again?.ok ? { seen: again.value, sent: null } : memory;
  const lease = seen?.lease?.holder === roll.me ? seen.lease : null;
  let holds = lease !== null;
  if (lease !== null && lease.roll !== 'unreadable') {
    const why = 'somebody ended it';
    const step = {
      ...({ do: 'lease', what: 'give-back', holder: '', why } as const),
      ...{ guard: lease.resourceVersion, roll: lease.roll },
    };
    roll.watcher.step(step);
    const { actions } = roll.api;
    const written = await write({ actions, cluster: roll.cluster, time: roll.time }, step, lease);
    if (!written.ok) roll.watcher.say(written.failure.message);
    holds = !written.ok;
  }
  return cutOff('stopped', 'it was told to end', { seen, sent, holds });
}

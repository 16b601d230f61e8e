/**
 * Which pods leave a node, and which of them now.
 *
 * A budget of one is kept for every workload with several replicas, whether it has a PodDisruptionBudget or not: its next
 * pod is asked to go only when all others are ready.
 */
import { jobName } from '../../manifest/reboot-job-name.js';
import { LEASE } from './names.js';
import type { Monotonic, RollOptions, RollState, Seen, SeenPod, SeenWorkload } from './state.js';
import { named, nameOfWorkload, type Owned, ownerKey, podsByOwner } from './workloads.js';

const RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 30_000;
const AT_ONCE = 10;

/** After it, a workload that cannot become whole (its pods keep apart) may lose one while another is ready elsewhere. */
const PATIENCE_MS = 60_000;

/** Storage engines and DNS, which the others need while they stop: they go when nothing else is left. */
const SYSTEM_PRIORITY = 1_000_000_000;

type Stay = 'daemon' | 'static' | 'completed' | 'ours' | 'protected' | null;

/** Why a pod stays on its node while it is drained; null: it goes. */
export function staysBecause(pod: SeenPod, options: RollOptions): Stay {
  if (pod.completed) return 'completed';
  if (pod.mirror) return 'static';
  if (pod.owner?.kind === 'DaemonSet') return 'daemon';
  if (isOurs(pod)) return 'ours';
  return protection(pod, options)?.when === 'leave' ? 'protected' : null;
}

const isOurs = ({ namespace, owner, node }: SeenPod): boolean =>
  namespace === LEASE.namespace && owner?.kind === 'Job' && node !== null && owner.name === jobName(node);

export const protection = (
  pod: SeenPod,
  { protected: rules }: RollOptions,
): RollOptions['protected'][number] | undefined =>
  rules.find(
    ({ namespace, labels }) =>
      namespace === pod.namespace && [...labels].every(([key, value]) => pod.labels.get(key) === value),
  );

/** Why this node must not be drained at all; empty: it may. */
export const refusals = (node: string, { pods }: Seen, options: RollOptions): readonly string[] =>
  pods
    .filter((pod) => pod.node === node && !pod.terminating && staysBecause(pod, options) === null)
    .flatMap((pod) => {
      const rule = protection(pod, options);
      if (rule?.when === 'refuse') return [`Pod ${nameOfPod(pod)} is protected: ${rule.why}`];
      if (pod.owner === null && options.bare === 'refuse')
        return [`Pod ${nameOfPod(pod)} has no owner: nobody makes it again`];
      return [];
    });

export const nameOfPod = ({ namespace, name }: Pick<SeenPod, 'namespace' | 'name'>): string => `${namespace}/${name}`;

interface Drain {
  /** All that are still to go. */
  readonly leaving: readonly SeenPod[];
  readonly evict: readonly SeenPod[];
  /** What it waits for, one line each. */
  readonly waits: readonly string[];
}

/** `forMs`: how long it has been drained. */
export function drainOf(state: RollState, node: string, forMs: Monotonic): Drain {
  const { seen, options } = state;
  const leaving = seen.pods.filter((pod) => pod.node === node && staysBecause(pod, options) === null);
  const workloads = new Map(seen.workloads.map((workload) => [nameOfWorkload(workload), workload]));
  const draining = { state, owned: podsByOwner(seen), workloads, forMs };
  const normal = leaving.filter(({ priority }) => priority < SYSTEM_PRIORITY);
  const turn = normal.length > 0 ? normal : leaving;
  const taken = new Set<string>();
  const evict: SeenPod[] = [];
  const waits: string[] = [];
  for (const pod of turn) {
    const why = whyNotNow(draining, pod, taken);
    if (why !== null) waits.push(`Pod ${nameOfPod(pod)}: ${why}`);
    else if (evict.length < AT_ONCE) {
      evict.push(pod);
      taken.add(ownerKey(pod));
    }
  }
  return { leaving, evict, waits };
}

interface Draining {
  readonly state: RollState;
  readonly owned: Owned;
  readonly workloads: ReadonlyMap<string, SeenWorkload>;
  readonly forMs: Monotonic;
}

function whyNotNow(draining: Draining, pod: SeenPod, taken: ReadonlySet<string>): string | null {
  const { state } = draining;
  const { options, tries, now } = state;
  const tried = tries.get(pod.uid);
  if (pod.terminating) return 'it is ending';
  if (refusals(pod.node ?? '', { ...state.seen, pods: [pod] }, options).length > 0) return 'it must not be evicted';
  if (tried !== undefined && now - tried.at < backOff(tried.count)) return tried.held ?? 'it was asked to go';
  if (taken.has(ownerKey(pod))) return 'another one of its workload goes first';
  return keptUp(draining, pod);
}

const backOff = (count: number): number => Math.min(RETRY_MS * 2 ** (count - 1), LONGEST_RETRY_MS);

/** Why its workload cannot be without it now; null: it can. */
function keptUp({ state, owned, workloads, forMs }: Draining, pod: SeenPod): string | null {
  if (pod.owner === null) return null;
  const others = (owned.get(ownerKey(pod)) ?? []).filter((other) => other.uid !== pod.uid && !other.completed);
  const workload = workloads.get(ownerKey(pod));
  if (others.some((other) => other.node === pod.node && isGoing(state, other))) return 'another one is on its way';
  if (workload === undefined || workload.desired < 2 || isAllowedDown(workload, state.options)) return null;
  const ready = others.filter((other) => other.ready && !isGoing(state, other));
  if (ready.length >= workload.desired - 1) return null;
  const elsewhere = ready.filter((other) => other.node !== pod.node).length;
  if (forMs >= PATIENCE_MS && elsewhere >= 1) return null;
  return `${nameOfWorkload(workload)} has ${ready.length} others ready of ${workload.desired}`;
}

/** Also one that was told so and does not show it yet. */
const isGoing = ({ tries }: RollState, pod: SeenPod): boolean => pod.terminating || tries.get(pod.uid)?.held === null;

const isAllowedDown = ({ namespace, name }: SeenWorkload, { mayBeDown }: RollOptions): boolean =>
  mayBeDown.includes(`${namespace}/${name}`);

/**
 * Of these workloads, those with several replicas that would have none ready with this node down. Those that were left
 * there on somebody's word do not count.
 */
export function withoutReady(seen: Seen, names: readonly string[], node: string, options: RollOptions) {
  const owned = podsByOwner(seen);
  return named(seen, names)
    .filter((workload) => {
      if (workload.desired < 2 || isAllowedDown(workload, options)) return false;
      const pods = owned.get(nameOfWorkload(workload)) ?? [];
      if (pods.some((pod) => protection(pod, options) !== undefined)) return false;
      return !pods.some((pod) => pod.ready && !pod.terminating && pod.node !== node);
    })
    .map(nameOfWorkload);
}

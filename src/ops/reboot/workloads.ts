/** Which pods each workload has, and what it lacks. */
import { grouped } from '../check/grouped.js';
import type { Roll, Seen, SeenPod, SeenWorkload } from './state.js';

/** Workloads with pods on the node that have as many ready pods as they should. */
export function wholeOn(seen: Seen, node: string): readonly string[] {
  const owned = podsByOwner(seen);
  return seen.workloads
    .filter((workload) => workload.kind !== 'DaemonSet' && missingOf(workload, owned) === 0)
    .map(nameOfWorkload)
    .filter((name) => owned.get(name)?.some((pod) => pod.node === node));
}

interface Unsettled {
  /** Workloads that lack ready pods, in words. One that is gone or scaled down lacks none. */
  readonly lacks: readonly string[];
  /** Those that lack nothing but a place, which they had on the node that is cordoned: whoever keeps it so keeps them out. */
  readonly kept: readonly string[];
}

/** Of workloads that had pods on a node that was given back. */
export function unsettled(seen: Seen, { node, workloads }: NonNullable<Roll['settling']>): Unsettled {
  const owned = podsByOwner(seen);
  const isClosed = seen.nodes.some(({ name, unschedulable }) => name === node && unschedulable);
  const [lacks, kept]: [string[], string[]] = [[], []];
  for (const workload of named(seen, workloads)) {
    const missing = missingOf(workload, owned);
    if (missing === 0) continue;
    const waiting = (owned.get(nameOfWorkload(workload)) ?? []).filter((pod) => pod.unplaced && !pod.terminating);
    const isKept = isClosed && waiting.length >= missing;
    (isKept ? kept : lacks).push(`${nameOfWorkload(workload)}: ${missing} of ${workload.desired} not ready`);
  }
  return { lacks, kept };
}

export function named({ workloads }: Seen, names: readonly string[]): readonly SeenWorkload[] {
  const meant = new Set(names);
  return workloads.filter((workload) => meant.has(nameOfWorkload(workload)));
}

export type Owned = ReadonlyMap<string, readonly SeenPod[]>;

/** Each pod is looked at once, however many workloads there are. */
export const podsByOwner = ({ pods }: Seen): Owned => new Map(grouped(pods, ownerKey));

/** How many ready pods it lacks. */
export const missingOf = (workload: SeenWorkload, owned: Owned): number => {
  const pods = owned.get(nameOfWorkload(workload)) ?? [];
  return Math.max(0, workload.desired - pods.filter((pod) => pod.ready && !pod.terminating).length);
};

/** As `nameOfWorkload` calls its owner. */
export const ownerKey = ({ namespace, owner, uid }: SeenPod): string =>
  owner === null ? uid : `${owner.kind} ${namespace}/${owner.name}`;

export const nameOfWorkload = ({ kind, namespace, name }: SeenWorkload): string => `${kind} ${namespace}/${name}`;

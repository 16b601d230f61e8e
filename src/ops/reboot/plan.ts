/** What a roll would do, from one look and before anything is written. */
import type { Cluster, RebootSsh } from '../../cluster/cluster.js';
import type { CheckResult } from '../check/result.js';
import { shortTroubles } from '../check/short-troubles.js';
import { nameOfPod, protection, refusals, staysBecause } from './drain.js';
import { orderOf } from './order.js';
import { isBegun, leftBehind, rollOn, unreadable } from './standing.js';
import type { Roll, RollOptions, Seen, SeenPod } from './state.js';
import { nameOfWorkload, ownerKey } from './workloads.js';

export interface Plan {
  readonly cluster: string;
  /** In their order. */
  readonly nodes: readonly PlannedNode[];
  /** Nodes that need no reboot, or were not asked for. */
  readonly left: readonly string[];
  /** One that was begun and not ended: it goes before this. */
  readonly unfinished: { readonly roll: Roll; readonly stands: readonly string[] } | null;
  /** What of a roll stands in the cluster, also where no Lease tells of it any more. */
  readonly stands: readonly string[];
}

export interface PlannedNode {
  readonly name: string;
  readonly role: 'worker' | 'control-plane';
  readonly reason: string;
  /** How its host is asked to reboot; null where a Job asks every one of the cluster. */
  readonly reached: string | null;
  /** `Deployment shop/cart`, once, with its pods here. */
  readonly moves: readonly { readonly workload: string; readonly pods: number }[];
  /** Pods that are not evicted, and why. */
  readonly stays: readonly { readonly pod: string; readonly why: string }[];
  /** Workloads of one replica: nothing answers while they move. */
  readonly withoutReady: readonly string[];
  /** Why it would not go now. */
  readonly blocks: readonly string[];
  /** Checks that cannot be told; they block as well. */
  readonly unknown: readonly string[];
}

export interface Wanted {
  readonly node: string;
  readonly reason: string;
}

export interface Look {
  readonly cluster: Cluster;
  readonly seen: Seen;
  readonly options: RollOptions;
  readonly wanted: readonly Wanted[];
  /** Of the checks, with each node that is wanted as the one that is to go down. */
  readonly checked: ReadonlyMap<string, readonly CheckResult[]>;
}

/** The nodes in the order in which they are to go. */
export function orderedNodes({ nodes, reboots }: Cluster, { leaders }: Pick<Seen, 'leaders'>): readonly string[] {
  return orderOf(nodes, leaders, reboots.order);
}

export function planOf(look: Look): Plan {
  const { cluster, seen, wanted } = look;
  const roll = rollOn(seen.lease);
  const order = orderedNodes(cluster, seen);
  const reasons = new Map(wanted.map(({ node, reason }) => [node, reason]));
  const stands = leftBehind(seen);
  const alone = new Set(seen.workloads.filter(({ desired }) => desired === 1).map(nameOfWorkload));
  return {
    cluster: cluster.name,
    nodes: order.flatMap((name) => {
      const reason = reasons.get(name);
      return reason === undefined ? [] : [plannedNode(look, { name, reason, alone })];
    }),
    left: order.filter((name) => !reasons.has(name)),
    unfinished: roll !== null && isBegun(seen) ? { roll, stands } : null,
    stands,
  };
}

interface Asked {
  readonly name: string;
  readonly reason: string;
  /** Workloads of one replica. */
  readonly alone: ReadonlySet<string>;
}

function plannedNode({ cluster, seen, options, checked }: Look, { name, reason, alone }: Asked): PlannedNode {
  const here = seen.pods.filter((pod) => pod.node === name);
  const going = here.filter((pod) => staysBecause(pod, options) === null);
  const workloads = [...new Set(going.map(workloadOf))];
  const results = checked.get(name) ?? [];
  return {
    name,
    role: cluster.nodes.find((node) => node.name === name)?.role ?? 'worker',
    reason,
    reached: cluster.reboots.ssh.size === 0 ? null : reachedBy(cluster.reboots.ssh.get(name)),
    moves: workloads.map((workload) => ({
      workload,
      pods: going.filter((pod) => workloadOf(pod) === workload).length,
    })),
    stays: here.flatMap((pod) => {
      const rule = staysBecause(pod, options) === 'protected' ? protection(pod, options) : undefined;
      return rule === undefined ? [] : [{ pod: nameOfPod(pod), why: rule.why }];
    }),
    withoutReady: workloads.filter((workload) => alone.has(workload)),
    blocks: [
      ...(seen.nodes.some((node) => node.name === name) ? [] : ['it is not in the cluster']),
      ...unreadable(seen),
      ...refusals(name, seen, options),
      ...shortTroubles(results.filter(({ verdict }) => verdict === 'fail')),
    ],
    unknown: shortTroubles(results.filter(({ verdict }) => verdict === 'unknown')),
  };
}

function reachedBy(ssh: RebootSsh | undefined): string {
  if (ssh === undefined) return 'by a Job in the cluster';
  return `over SSH: ${ssh.user} at ${ssh.host}, port ${ssh.port}${ssh.sudo ? ', with sudo' : ''}`;
}

const workloadOf = (pod: SeenPod): string => (pod.owner === null ? `Pod ${nameOfPod(pod)}` : ownerKey(pod));

/** Two findings tell a plan from one that can be carried out. */
export function verdictOfPlan({ nodes }: Plan): 'clear' | 'blocked' | 'unknown' {
  if (nodes.some(({ blocks }) => blocks.length > 0)) return 'blocked';
  return nodes.some(({ unknown }) => unknown.length > 0) ? 'unknown' : 'clear';
}

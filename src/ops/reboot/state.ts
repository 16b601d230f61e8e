/**
 * Everything that a roll decides by, as it was seen at one instant, and the one next step.
 *
 * What lasts stands in the cluster alone: the Lease with the roll, a mark on the node, a Job. `Watched` is only for how
 * long this process has seen something; a fresh process begins counting anew.
 */
import type { CheckResult } from '../check/result.js';

/** Milliseconds of a clock of this process that is never set: not the time of day. */
export type Monotonic = number;

export interface RollState {
  readonly options: RollOptions;
  /** What this run was asked for. A roll that was left unfinished goes before it. */
  readonly ask: Ask;
  /** The holder's identity: another for each run. */
  readonly me: string;
  /** When the look was BEGUN, and now. */
  readonly lookedAt: Monotonic;
  readonly now: Monotonic;
  readonly watched: Watched;
  /** When the write that last renewed or took the Lease was SENT; null: never by this run. */
  readonly renewedAt: Monotonic | null;
  readonly seen: Seen;
  /** The last answers of the steps `check` and `verify`. */
  readonly checked: Checked | null;
  /** Evictions that this run tried, by the pod's uid. */
  readonly tries: ReadonlyMap<string, Try>;
}

export interface Ask {
  /** Of a new roll: unlike any before. */
  readonly id: string;
  readonly reason: string;
  /** Who: `user@machine`, `CronJob kube-system/…`. */
  readonly by: string;
  /** In their order, those that need no reboot left out. */
  readonly nodes: readonly string[];
}

export interface RollOptions {
  readonly protected: readonly ProtectedPods[];
  /** `namespace/name` of workloads with several replicas that may be without a ready one for a while. */
  readonly mayBeDown: readonly string[];
  /** Pods that nobody makes again: `refuse` to drain their node, or `delete` them with it. */
  readonly bare: 'refuse' | 'delete';
  /** There are volumes that are rebuilt when a node is back. */
  readonly volumes: boolean;
  /** The order is the description's: who leads the control plane does not change it. */
  readonly fixedOrder: boolean;
  readonly drainMs: number;
  readonly bootMs: number;
  readonly verifyMs: number;
  readonly settleMs: number;
}

interface ProtectedPods {
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly why: string;
  readonly when: 'leave' | 'refuse';
}

export interface Checked {
  readonly node: string;
  /** `before`: may it go down. `after`: is all well with it back. `settled`: is what was rebuilt for it whole. */
  readonly phase: 'before' | 'after' | 'settled';
  /** When the check was BEGUN. */
  readonly at: Monotonic;
  readonly results: readonly CheckResult[];
  /** Something of it the API server did not answer: it may be away for a moment. */
  readonly unanswered?: true;
}

export interface Try {
  readonly at: Monotonic;
  readonly count: number;
  /** The budget's words, or the failure's; null: accepted. */
  readonly held: string | null;
}

/** One look at the cluster. A list is complete: a look in which any could not be read is no look. */
export interface Seen {
  readonly lease: SeenLease | null;
  readonly nodes: readonly SeenNode[];
  /** Of the whole cluster. */
  readonly pods: readonly SeenPod[];
  readonly jobs: readonly SeenJob[];
  readonly workloads: readonly SeenWorkload[];
  /** Nodes to be last: the holders of the scheduler's and the controller manager's Lease, and who serves our API. */
  readonly leaders: readonly string[];
}

export interface SeenLease {
  readonly uid: string;
  readonly resourceVersion: string;
  /** Empty: given back. */
  readonly holder: string;
  readonly durationMs: number;
  /** Null: none is noted. `unreadable`: written by somebody else. */
  readonly roll: Roll | 'unreadable' | null;
}

/** The annotation of the Lease. */
export interface Roll {
  readonly id: string;
  readonly reason: string;
  readonly by: string;
  readonly nodes: readonly string[];
  /** Of each node when the roll began: another one means that it has rebooted since. */
  readonly boots: Readonly<Record<string, string>>;
  /** Rebooted and verified, in the order in which it was done. */
  readonly done: readonly string[];
  /** The last one done, and the workloads that have to be whole again before the next. */
  readonly settling: { readonly node: string; readonly workloads: readonly string[] } | null;
  readonly stopped: Stopped | null;
}

export interface Stopped {
  /** Null: none was begun. */
  readonly node: string | null;
  readonly step: Phase;
  readonly why: string;
}

export type Phase = 'lock' | 'check' | 'drain' | 'reboot' | 'verify' | 'settle';

export interface SeenNode {
  readonly name: string;
  readonly resourceVersion: string;
  readonly role: 'worker' | 'control-plane';
  readonly ready: boolean;
  readonly bootId: string;
  readonly unschedulable: boolean;
  /** As the node has them: a merge patch replaces the list. */
  readonly taints: readonly Taint[];
  readonly mark: Mark | 'unreadable' | null;
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: string;
}

/** The annotation of a node that a roll works on. */
export interface Mark {
  readonly roll: string;
  /** `reboot`: from just before the Job is made. How far it is beyond that, the boot id says. */
  readonly step: 'drain' | 'reboot';
  /** Before the reboot. */
  readonly bootId: string;
  readonly cordoned: 'by-us' | 'by-others';
  /** Workloads with pods here that were whole when the drain began: `Deployment shop/cart`. */
  readonly workloads: readonly string[];
  /** Beginnings of the ids of containers that were left on the node: whoever has one is not yet of the new boot. */
  readonly before: readonly string[];
  /** Why the roll left the node like this; null while it is at work. */
  readonly why: string | null;
}

export interface SeenPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Null: not scheduled. */
  readonly node: string | null;
  readonly labels: ReadonlyMap<string, string>;
  /** The workload that makes it again, a Deployment instead of its ReplicaSet; null: nobody. */
  readonly owner: { readonly kind: string; readonly name: string } | null;
  readonly mirror: boolean;
  /** Succeeded or Failed: nothing runs any more. */
  readonly completed: boolean;
  readonly ready: boolean;
  readonly terminating: boolean;
  /** The scheduler has looked for a node, and found none. */
  readonly unplaced: boolean;
  readonly priority: number;
  /** Beginnings of the ids of its containers. */
  readonly containers: readonly string[];
}

/** Deployments, StatefulSets, DaemonSets and ReplicaSets that nobody owns. */
export interface SeenWorkload {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly desired: number;
}

/** Job `selfheal-reboot-<node>`. One that is gone but whose pod is there still counts as there, with uid null. */
export interface SeenJob {
  readonly node: string;
  readonly uid: string | null;
  readonly roll: string;
  /** The boot that it is to end. */
  readonly bootId: string;
  /**
   * `waiting`: no container of it has begun. `refused`: it ended with 1 or 2, and did nothing to the host. `begun`:
   * anything else, a pod that was lost too: the host may reboot at any moment.
   */
  readonly progress: 'waiting' | 'refused' | 'begun';
  /** Its last words, or why it does not start; may be empty. */
  readonly said: string;
  /** Its removal has been asked for. */
  readonly going: boolean;
  /** There is no Job: this run asks the host over SSH, and `progress` is how far that is. */
  readonly overSsh?: true;
}

/** For how long this process has seen something. Made by `watch` from look to look. */
export interface Watched {
  readonly lease: { readonly resourceVersion: string; readonly since: Monotonic; readonly changed: boolean } | null;
  /** The roll as it stood when this run was last seen to hold the Lease; null: it never did. */
  readonly held: Roll | null;
  /** The node that this run last saw marked, and whether it was cordoned then. */
  readonly marked: { readonly node: string; readonly cordoned: boolean } | null;
  readonly since: ReadonlyMap<string, Monotonic>;
}

/** One write each, or a look, or nothing. `why` is a line for whoever watches. */
export type Step =
  /** Look again after `ms`, at the latest. */
  | {
      readonly do: 'wait';
      readonly ms: number;
      readonly phase: Phase;
      readonly node: string | null;
      readonly why: string;
    }
  /** Create the Lease (guard null), or replace it by compare and swap. Also renews, notes and gives back (holder ''). */
  | ({ readonly do: 'lease' } & LeaseWrite)
  | { readonly do: 'remove-lease'; readonly uid: string; readonly resourceVersion: string; readonly why: string }
  /** Ask the checks, for `checked`. `before`: with --node. `after`: health, with a fresh report. `settled`: of volumes. */
  | { readonly do: 'check'; readonly node: string; readonly phase: Checked['phase'] }
  /** One merge patch with metadata.resourceVersion; `nodePatch` makes it. */
  | ({ readonly do: 'mark' } & NodeWrite)
  | { readonly do: 'evict'; readonly node: string; readonly pods: readonly SeenPod[] }
  /** Create the Job, bound to this boot. */
  | { readonly do: 'reboot'; readonly node: string; readonly roll: string; readonly bootId: string }
  /** With propagationPolicy Background, guarded by the uid. */
  | { readonly do: 'remove-job'; readonly node: string; readonly uid: string; readonly why: string }
  | { readonly do: 'end'; readonly end: End };

export interface LeaseWrite {
  readonly what: 'begin' | 'go-on' | 'renew' | 'done' | 'stop' | 'give-back';
  readonly guard: string | null;
  readonly holder: string;
  readonly roll: Roll | null;
  readonly why: string;
}

export interface NodeWrite {
  /** `cordon`: mark, taint and cordon. `step`: the mark alone. `give-back`: mark and taint off, uncordoned if by us. */
  readonly what: 'cordon' | 'step' | 'note' | 'give-back';
  readonly node: string;
  readonly guard: string;
  /** Null: taken off. */
  readonly mark: Mark | null;
  /** Undefined: left as it is. */
  readonly unschedulable?: boolean;
  readonly taints?: readonly Taint[];
  readonly why: string;
}

export type End =
  | {
      readonly kind: 'finished';
      readonly done: readonly string[];
      readonly elsewhere: readonly string[];
      /** What lacks pods because a person keeps a node cordoned, one line each. @default nothing does */
      readonly kept?: readonly string[];
    }
  | { readonly kind: 'undone'; readonly left: readonly string[] }
  /** Its time is over. `open`: what goes on in the next one. */
  | { readonly kind: 'closed'; readonly done: readonly string[]; readonly open: readonly string[] }
  /** `left`: what stands, one line each; `next`: what to do. */
  | {
      readonly kind: 'stopped' | 'refused' | 'lost';
      readonly node: string | null;
      readonly step: Phase;
      readonly why: string;
      readonly left: readonly string[];
      readonly next: string;
    };

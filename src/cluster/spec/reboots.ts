/** How nodes are rebooted one after the other: what has to stay, how long each step may take, and who is told. */
import type { BackupDestinationSpec, SecretKeySpec } from './backup.js';
import type { DurationText, TimeOfDay, Weekday } from './values.js';

export interface RebootsSpec<Node extends string> {
  /**
   * Workloads that a roll must not take down by itself.
   *
   * @default []
   */
  readonly protected?: readonly ProtectedSpec[];

  /**
   * Workloads with several replicas that may be without a ready one for a while, as `namespace/name`. All others must
   * keep one while a node is away, whether or not they have a PodDisruptionBudget.
   *
   * @default []
   */
  readonly mayBeDown?: readonly string[];

  /**
   * What becomes of a pod that nobody would make again. `refuse`: its node is not rebooted. `delete`: it goes with it.
   *
   * @default 'refuse'
   */
  readonly barePods?: 'refuse' | 'delete';

  /**
   * The order of the nodes; each of them once.
   *
   * @default - agents first, then the control plane; the node that leads it last, as the cluster shows it
   */
  readonly order?: readonly NoInfer<Node>[];

  /**
   * How long pods may take to leave a node. After it the node is given back to the scheduler, and the roll stops.
   * Most pods go within 30 s; a PodDisruptionBudget may wait for a replica elsewhere.
   *
   * @default '10min'
   */
  readonly drainDeadline?: DurationText;

  /**
   * From the order to reboot until the node is Ready in another boot. After it the node stays cordoned, and the roll
   * stops. A server's firmware takes minutes, and so does a disk that is checked.
   *
   * @default '10min'
   */
  readonly bootDeadline?: DurationText;

  /**
   * How long a node that is back may take until everything on it is as it was: volumes rebuilt, pods Running. After it
   * the node stays cordoned, and the roll stops. A volume's replica may have to be copied anew.
   *
   * @default '30min'
   */
  readonly verifyDeadline?: DurationText;

  /**
   * How long a node that is back in use is watched before the next one may go: what fails does it soon after a start.
   *
   * @default '1min'
   */
  readonly settle?: DurationText;

  /**
   * Who is told before, after, and when a roll stops.
   *
   * @default - nobody: it is seen by whoever runs it, and on the Lease
   */
  readonly notify?: RebootNotifySpec;

  /**
   * When the cluster itself reboots the nodes that wait for it. Needs two nodes or more: the roll must be somewhere
   * while a node is away.
   *
   * @default - never: a person starts each roll
   */
  readonly schedule?: RebootScheduleSpec;

  /**
   * Nodes whose hosts are asked to reboot over SSH, by whoever runs `selfheal reboot`: docs/reboot.md, "Over SSH". Not
   * together with `schedule`: the cluster has no key.
   *
   * @default - none: a Job in the cluster enters each host
   */
  readonly ssh?: RebootSshSpec<Node>;
}

/** Keys are not described: ssh takes them from the settings of whoever runs it. */
export interface RebootSshSpec<Node extends string> {
  /** The login name on each of these hosts. */
  readonly user: string;

  /** @default 22 */
  readonly port?: number;

  /**
   * Whether `sudo -n` makes that user root there; it must be allowed without a password.
   *
   * @default - true, unless user is 'root'
   */
  readonly sudo?: boolean;

  /** Only the hosts of these nodes; what differs from the others stands there. */
  readonly nodes: { readonly [Name in NoInfer<Node>]?: RebootSshHostSpec };
}

export interface RebootSshHostSpec extends Pick<BackupDestinationSpec, 'hostKey'> {
  /** Its name or address, as this machine reaches it. @default - the node's address */
  readonly host?: string;

  /** @default - the user of all */
  readonly user?: string;

  /** @default - the port of all */
  readonly port?: number;

  /** @default - the sudo of all */
  readonly sudo?: boolean;
}

/** A window. After its end no other node is begun, and one that was begun is brought to its end. */
export interface RebootScheduleSpec {
  /** On which days. */
  readonly days: readonly Weekday[];

  /** From when on. */
  readonly start: TimeOfDay;

  /** Until when; on the same day. */
  readonly end: TimeOfDay;

  /** IANA name. @default - that of the first control-plane node */
  readonly timeZone?: string;
}

export interface ProtectedSpec {
  /** The pods' namespace. */
  readonly namespace: string;

  /** Labels that all of these pods have, and no others in the namespace. */
  readonly labels: Readonly<Record<string, string>>;

  /** Why, for whoever reads the plan: one line. */
  readonly why: string;

  /**
   * `leave`: the pods are not evicted, and go down with their node. `refuse`: a node with one of them is not rebooted
   * as long as it is there.
   *
   * @default 'leave'
   */
  readonly when?: 'leave' | 'refuse';
}

/** One message for each node before it goes, when it is back, when the roll stops, and at its end. */
export interface RebootNotifySpec {
  /**
   * `slack`: an incoming webhook of Slack, or of what understands its `{"text": "…"}`. `ntfy`: a plain text with title
   * and priority. `webhook`: JSON with cluster, event, node, roll, text.
   */
  readonly kind: 'slack' | 'ntfy' | 'webhook';

  /** The Secret in `kube-system` that holds the whole URL: who knows it can write there. */
  readonly urlSecret: SecretKeySpec;
}

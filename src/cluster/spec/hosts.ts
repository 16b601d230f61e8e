/** What node-bootstrap brings to the hosts. */
import type { DurationText, TimeOfDay } from './values.js';

export interface HostsSpec<Node extends string> {
  /** They must have the same role, board, boot loader and architecture. */
  readonly nodes: readonly NoInfer<Node>[];

  /**
   * The DaemonSet's name.
   *
   * @default - `<node>-node-bootstrap` for one node, `<cluster>-node-bootstrap` for several
   */
  readonly name?: string;

  /**
   * Reboots a node whose kernel piles up RCU stalls, before its network goes dark.
   *
   * @default - no watchdog
   */
  readonly rcuWatchdog?: RcuWatchdogSpec;

  /**
   * Removes pod sandboxes that a hard reboot left in containerd's database, before k3s or kubelite starts.
   *
   * @default - no clean-up
   */
  readonly sandboxCleanup?: SandboxCleanupSpec;

  /** @default - the kernel's settings stay as they are */
  readonly kernel?: KernelSpec;

  /**
   * How often the pod looks whether the host is still as described. One look takes less than half a second.
   *
   * @default '5min'
   */
  readonly driftCheck?: DurationText;

  /**
   * What follows when somebody has changed by hand what the description asks for: it is reported and left, or put back
   * (three times within an hour at most, so that two who do not agree do not fight for ever).
   *
   * @default 'report'
   */
  readonly onDrift?: 'report' | 'restore';

  /**
   * `'absent'` takes everything back that was ever brought to these hosts, whatever else is asked for here; the pods
   * stay and say by their readiness when it is done. Only then remove the entry, or delete the Application.
   *
   * @default 'described'
   */
  readonly state?: 'described' | 'absent';
}

/** Which program looks, and on what it acts: docs/layers/rcu-watchdog.md. */
export type RcuWatchdogSpec = RcuWatchdogStreamSpec | RcuWatchdogTimerSpec;

/** A service that reads the kernel log as it is written and acts at once. */
export interface RcuWatchdogStreamSpec extends RcuWatchdogCommonSpec {
  /** A service that reads along (`'stream'`), or a look every few minutes as v3 had it (`'timer'`). @default 'stream' */
  readonly form?: 'stream';

  /**
   * Reboot for one grace period whose reports span this long: it never ends, and all that waits for it hangs. The
   * kernel reports a grace period again after three stall time-outs and 3 s: that is 66 s on a Raspberry Pi and 183 s
   * on generic Ubuntu, and a shorter time means the same as these.
   *
   * @default '3min'
   */
  readonly stuck?: DurationText;

  /**
   * Stalls that go on for hours, each too lonely for the other paths, as in the leak of April 6 to 8 (726 in 30.5 h).
   *
   * @default { stalls: 100, within: '6h', action: 'alert' }, two thirds of the rate of that leak
   */
  readonly chronic?: ChronicStallsSpec;

  /**
   * Reboot a node whose network is gone for itself alone, as on November 30: the gateway and every other node silent,
   * the link up, the kernel stalled since boot. `'off'` leaves that to the outside probe and to people.
   *
   * @default { after: '5min' }
   */
  readonly blackHole?: BlackHoleSpec | 'off';
}

/** The watchdog of April 2026 (v3): a timer that counts report lines in two windows. */
export interface RcuWatchdogTimerSpec extends RcuWatchdogCommonSpec {
  readonly form: 'timer';

  /**
   * How often the kernel log is looked at. A burst may have killed the node before the next look.
   *
   * @default '2min'
   */
  readonly checkEvery?: DurationText;
}

interface RcuWatchdogCommonSpec {
  /**
   * Path A: many stalls at once, as in the burst of April 5 (30 stalls in 60 s).
   *
   * @default { stalls: 10, within: '2min' }
   */
  readonly burst?: StallThresholdSpec;

  /**
   * Path B: a slow build-up over many minutes, as on April 5 too (10 and more in a quarter of an hour).
   *
   * @default { stalls: 10, within: '15min' }
   */
  readonly sustained?: StallThresholdSpec;

  /**
   * How long after boot nothing is acted upon. Stalls from within it never count later either. The storm of April 3
   * (75 harmless stalls) was over after 150 s; pods take longer to settle.
   *
   * @default '20min'
   */
  readonly startupGrace?: DurationText;

  /**
   * Reboots in a row that the watchdog may ask for; after that it only reports, until the node has run for
   * `healthyAfter` without crossing a threshold.
   *
   * @default 3
   */
  readonly maxRebootsInARow?: number;

  /**
   * Uptime without a crossing after which the count of reboots in a row starts again.
   *
   * @default '6h'
   */
  readonly healthyAfter?: DurationText;

  /**
   * The TCP port on which the nodes tell each other whether they are about to reboot. Open it between the nodes; the
   * same for all of them.
   *
   * @default 9847
   */
  readonly peerPort?: number;
}

export interface StallThresholdSpec {
  /**
   * How many stalls it takes: different grace periods, with `form: 'timer'` report lines. More than the node's harmless
   * background: see docs/layers/rcu-watchdog.md.
   */
  readonly stalls: number;

  /** The window in which they are counted. */
  readonly within: DurationText;
}

export interface ChronicStallsSpec {
  /** How many stalls it takes. */
  readonly stalls: number;

  /** The window in which they are counted. */
  readonly within: DurationText;

  /**
   * What follows: an alert, or a reboot in a maintenance window, given in the node's own time zone.
   *
   * @default 'alert'
   */
  readonly action?: 'alert' | { readonly window: MaintenanceWindowSpec };
}

export interface MaintenanceWindowSpec {
  /** When it opens each day. */
  readonly start: TimeOfDay;

  /** When it closes. Before `start` it means the next day. */
  readonly end: TimeOfDay;
}

export interface BlackHoleSpec {
  /** For how long every sign must say so. The outage of November 30 lasted two hours. */
  readonly after: DurationText;
}

export interface SandboxCleanupSpec {
  /**
   * How long to wait for another process to let go of containerd's database. After that the clean-up is left out
   * and the node starts as it is.
   *
   * @default '30s'
   */
  readonly databaseLockTimeout?: DurationText;

  /**
   * How long the whole clean-up may take. After that the node starts as it is.
   *
   * @default '2min'
   */
  readonly timeout?: DurationText;

  /**
   * Ends the pods and removes their sandboxes when the host goes down in an orderly way, after Kubernetes has ended.
   * `'off'` leaves that to systemd and to the next boot.
   *
   * @default { timeout: '30s' }
   */
  readonly beforeReboot?: BeforeRebootSpec | 'off';

  /**
   * Ends a process of a network plugin that hangs and so keeps a sandbox's name reserved for ever. `'off'` leaves such
   * pods to people.
   *
   * @default { after: '10min' }
   */
  readonly hungNetworkCall?: HungNetworkCallSpec | 'off';
}

export interface BeforeRebootSpec {
  /** The most that a shutdown may be delayed by. Pods get two thirds of it to end by themselves. */
  readonly timeout: DurationText;
}

export interface HungNetworkCallSpec {
  /** Above what the kubelet waits for a sandbox: 4 minutes, unless its runtimeRequestTimeout says otherwise. */
  readonly after: DurationText;
}

export interface KernelSpec {
  /**
   * Panic, and so reboot, when a task hangs in uninterruptible sleep.
   *
   * @default - the kernel only logs hung tasks
   */
  readonly hungTask?: HungTaskSpec;

  /**
   * Have systemd feed the board's hardware watchdog, so that a machine whose kernel is dead resets itself.
   *
   * @default - the hardware watchdog stays as the system has it
   */
  readonly hardwareWatchdog?: HardwareWatchdogSpec;

  /**
   * Words of the kernel command line, each `name` or `name=value`, e.g. `'rcupdate.rcu_normal=1'`.
   * They take effect at the next reboot; node-bootstrap does not reboot a node for them.
   *
   * @default []
   */
  readonly arguments?: readonly string[];
}

export interface HungTaskSpec {
  /**
   * How long a task may hang.
   *
   * @default '120s'
   */
  readonly timeout?: DurationText;

  /**
   * How long the kernel waits after a panic before it reboots. Zero is refused: the machine would stay down.
   *
   * @default '10s'
   */
  readonly panicTimeout?: DurationText;
}

export interface HardwareWatchdogSpec {
  /**
   * After how long without a sign of life from systemd the board resets. Raspberry Pi: at most 15 s, because the
   * BCM2835's 20-bit counter takes longer values modulo 16 s, or refuses them and stays unarmed.
   *
   * @default '14s' on a Raspberry Pi, '30s' elsewhere
   */
  readonly runtimeTimeout?: DurationText;

  /**
   * The same while the system shuts down for a reboot.
   *
   * @default '14s' on a Raspberry Pi, '10min' elsewhere
   */
  readonly rebootTimeout?: DurationText;

  /** @default '/dev/watchdog' */
  readonly device?: string;
}

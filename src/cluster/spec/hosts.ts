/** What node-bootstrap brings to the hosts. */
import type { DurationText } from './values.js';

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
}

/** The watchdog of April 2026 (v3): two thresholds, a start-up grace and a bound on reboots in a row. */
export interface RcuWatchdogSpec {
  /**
   * Path A: many stalls at once, as in the burst of April 5 (30 stalls in 60 s).
   *
   * @default { stalls: 10, within: '2min' }
   */
  readonly burst?: StallThresholdSpec;

  /**
   * Path B: a slow build-up over many minutes.
   *
   * @default { stalls: 10, within: '15min' }
   */
  readonly sustained?: StallThresholdSpec;

  /**
   * How long after boot nothing is acted upon. Stalls from within it never count later either.
   *
   * @default '20min'
   */
  readonly startupGrace?: DurationText;

  /**
   * How often the kernel log is looked at.
   *
   * @default '2min'
   */
  readonly checkEvery?: DurationText;

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
}

export interface StallThresholdSpec {
  /** How many stall reports it takes. More than the node's harmless background: see docs/layers/rcu-watchdog.md. */
  readonly stalls: number;

  /** The window in which they are counted. */
  readonly within: DurationText;
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

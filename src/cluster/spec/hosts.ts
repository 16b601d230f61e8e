/** What node-bootstrap brings to the hosts. */
import type { RcuWatchdogSpec } from './rcu-watchdog.js';
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

  /**
   * Nagios plug-ins for whoever has no Prometheus, and a look at the host each minute whose verdicts become metrics.
   * Which there are follows from the cluster.
   *
   * @default - no checks
   */
  readonly checks?: ChecksSpec;

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

export interface ChecksSpec {
  /**
   * Commands for NRPE, and a ServiceAccount that may read what they need. `'off'` leaves only what root's timer looks at.
   *
   * @default {}
   */
  readonly nrpe?: NrpeSpec | 'off';
}

export interface NrpeSpec {
  /**
   * The kubeconfig that the user `nagios` can read. It holds a token and so is not brought: `make-kubeconfig.sh` on the
   * host writes it.
   *
   * @default '/etc/selfheal/checks.kubeconfig'
   */
  readonly kubeconfig?: string;
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

  /**
   * Parameters of kernel modules, each `'module.name'` with its value, e.g. `{ 'rcupdate.rcu_exp_cpu_stall_timeout': '0' }`.
   * They are set in the running kernel without a reboot, and when a module is loaded later. What is built into the
   * kernel has its own value again after a boot, until node-bootstrap's pod starts: give it in `arguments` too where
   * that matters.
   *
   * @default {}
   */
  readonly parameters?: Readonly<Record<string, string>>;
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

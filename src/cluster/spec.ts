/**
 * What a person writes to describe a cluster.
 *
 * Everything optional is a mitigation that stays off when its key is absent, unless the key says otherwise.
 * Wherever a node is named, only the keys of `nodes` are accepted.
 */

/** A length of time with its unit, e.g. `'30s'`, `'20min'`, `'26h'`, `'7d'`. */
export type DurationText = `${number}${'s' | 'min' | 'h' | 'd'}`;

/** A time of day on a 24-hour clock, e.g. `'02:30'`. */
export type TimeOfDay = `${number}:${number}`;

/** A tagged image, with a digest where one is known, e.g. `'docker.io/library/alpine:3.21'`. Floating tags are refused. */
export type ImageText = `${string}:${string}`;

export type Weekday = 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday';

/** A cluster, described once. `distribution` decides which further keys exist. */
export type ClusterSpec<Node extends string = string> = K3sClusterSpec<Node> | Microk8sClusterSpec<Node>;

export interface K3sClusterSpec<Node extends string = string> extends CommonSpec<Node> {
  readonly distribution: 'k3s';

  /**
   * Where k3s keeps the cluster's state. With `sqlite` (one server) k3s runs without leader election,
   * so alerts on control-plane leases are left out.
   */
  readonly datastore: 'sqlite' | 'etcd';

  /** The nodes by their Kubernetes name, in lower case. */
  readonly nodes: { readonly [name in Node]: K3sNodeSpec };
}

export interface Microk8sClusterSpec<Node extends string = string> extends CommonSpec<Node> {
  readonly distribution: 'microk8s';

  /** The pod network. `calico` adds the alerts on its agent. */
  readonly cni: 'calico' | 'flannel';

  /** The nodes by their Kubernetes name, in lower case. */
  readonly nodes: { readonly [name in Node]: Microk8sNodeSpec };

  /**
   * kube-scheduler's leader election, written to MicroK8s's arguments file by node-bootstrap.
   * It takes effect when kubelite starts next; node-bootstrap never restarts a control plane by itself.
   *
   * @default - MicroK8s's own values (60 s, 30 s, 2 s) stay as they are
   */
  readonly schedulerLease?: SchedulerLeaseSpec;

  /**
   * OpenEBS Jiva volumes, for the alerts on their quorum.
   *
   * @default - no alerts on Jiva
   */
  readonly jiva?: JivaSpec;
}

export interface CommonSpec<Node extends string> {
  /** The cluster's name: a DNS label, the folder below `dist/` and the prefix of what has no better name. */
  readonly name: string;

  /** The Git repository that Argo CD syncs from. */
  readonly gitops: GitopsSpec;

  /**
   * Host state that node-bootstrap brings to the nodes and keeps there: one entry for each set of nodes that is
   * to be treated alike. A node may stand in one entry only.
   *
   * @default - no node-bootstrap, the hosts stay as they are
   */
  readonly hosts?: readonly HostsSpec<Node>[];

  /** @default - Longhorn is left alone */
  readonly longhorn?: LonghornSpec;

  /**
   * The nightly copy of local-path volumes to another machine by rsync over SSH.
   *
   * @default - no backup of local-path volumes
   */
  readonly backup?: BackupSpec<Node>;

  /**
   * CoreDNS with more than one replica, on different nodes.
   *
   * @default - CoreDNS stays as the distribution installs it, with one replica
   */
  readonly dns?: DnsSpec;

  /** @default - no alerts, no dashboards */
  readonly monitoring?: MonitoringSpec<Node>;

  /**
   * Deployments that must not run on certain nodes.
   *
   * @default []
   */
  readonly keepOff?: readonly KeepOffSpec<Node>[];

  /**
   * Who may open connections to which pods.
   *
   * @default []
   */
  readonly networkPolicies?: readonly NetworkPolicySpec[];

  /**
   * Operating-system upgrades, one node at a time, by rancher's system-upgrade-controller.
   *
   * @default - nodes are upgraded by hand
   */
  readonly upgrades?: UpgradesSpec;

  /**
   * A look from outside at whether the nodes can be reached.
   *
   * @default - nobody outside the cluster looks
   */
  readonly reachability?: ReachabilitySpec<Node>;
}

export interface GitopsSpec {
  /** The repository's URL as Argo CD knows it. */
  readonly repoUrl: string;

  /**
   * The branch, tag or commit that Argo CD follows.
   *
   * @default 'main'
   */
  readonly revision?: string;

  /**
   * The folder in the repository that holds this cluster's manifests.
   *
   * @default 'dist/<name>'
   */
  readonly path?: string;

  /**
   * The namespace that Argo CD runs in.
   *
   * @default 'argocd'
   */
  readonly namespace?: string;

  /**
   * What the names of the generated Applications begin with, so that they cannot take over an Application that
   * is already there.
   *
   * @default 'selfheal-'
   */
  readonly applicationPrefix?: string;
}

interface NodeSpec {
  /** The address by which the other machines of the LAN reach the node. */
  readonly address: string;

  /** The host's IANA time zone, e.g. `'America/Edmonton'`. Times of day that concern the node are meant in it. */
  readonly timeZone: string;

  /** The processor architecture, as Kubernetes names it. Decides the host's dynamic linker. */
  readonly architecture: 'arm64' | 'amd64';

  /** The machine. Decides which hardware watchdog it has: a Raspberry Pi's accepts at most 15 seconds. */
  readonly board: 'raspberry-pi' | 'generic';

  /**
   * Who reads the kernel command line, and from which file: `piboot` is Ubuntu's A/B boot since 25.10
   * (`/boot/firmware/current/cmdline.txt`), `raspberry-pi-firmware` the classic way
   * (`/boot/firmware/cmdline.txt`), `grub` a drop-in below `/etc/default/grub.d`.
   */
  readonly bootLoader: 'piboot' | 'raspberry-pi-firmware' | 'grub';
}

export interface K3sNodeSpec extends NodeSpec {
  readonly role: 'server' | 'agent';
}

export interface Microk8sNodeSpec extends NodeSpec {
  readonly role: 'control-plane' | 'worker';
}

export interface SchedulerLeaseSpec {
  /** How long a scheduler that fell silent keeps the lease, e.g. `'20s'`. */
  readonly leaseDuration: DurationText;

  /**
   * How long the holder goes on trying to renew. Must be shorter than `leaseDuration`: MicroK8s's own 30 s is not
   * shorter than 20 s, and kube-scheduler then refuses to start.
   *
   * @default - three quarters of `leaseDuration`
   */
  readonly renewDeadline?: DurationText;

  /**
   * How long a scheduler waits between two attempts. `renewDeadline` must be more than 1.2 times as long.
   *
   * @default '2s'
   */
  readonly retryPeriod?: DurationText;
}

export interface JivaSpec {
  /** @default 'openebs' */
  readonly namespace?: string;

  /**
   * Replicas of each volume; a volume is writable while more than half of them run.
   *
   * @default 3
   */
  readonly replicas?: number;
}

export interface HostsSpec<Node extends string> {
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

export interface LonghornSpec {
  /** The installed version, e.g. `'1.11.3'`: metrics and fields differ between versions. */
  readonly version: string;

  /** @default 'longhorn-system' */
  readonly namespace?: string;

  /**
   * Spread each of the four CSI sidecar Deployments over the nodes.
   *
   * @default - the sidecars land where the scheduler puts them, possibly all on one node
   */
  readonly csiSpread?: CsiSpreadSpec;

  /**
   * A local snapshot of every volume each day.
   *
   * @default - no recurring snapshot
   */
  readonly dailySnapshot?: RecurringJobSpec;

  /** Where Longhorn sends backups. There is no default: an empty target is a decision, not an accident. */
  readonly backupTarget: NoBackupTargetSpec | S3BackupTargetSpec | KernelNfsBackupTargetSpec;
}

export interface CsiSpreadSpec {
  /** Replicas of each sidecar, as Longhorn was told by `csi.*ReplicaCount`. Read only: changing it here patches nothing. */
  readonly replicas: number;
}

export interface RecurringJobSpec {
  /** Longhorn's CronJobs carry no time zone: the time is meant in the zone of the (first) control-plane node. */
  readonly at: TimeOfDay;

  /** How many snapshots or backups are kept for each volume: 1 to 100. */
  readonly retain: number;

  /** @default 'daily-snapshot' or 'daily-backup' */
  readonly name?: string;
}

export interface NoBackupTargetSpec {
  readonly kind: 'none';
}

export interface S3BackupTargetSpec {
  readonly kind: 's3';
  readonly bucket: string;
  readonly region: string;

  /** @default - the bucket's root */
  readonly path?: string;

  /** The Secret in Longhorn's namespace with `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for MinIO, `AWS_ENDPOINTS`. */
  readonly credentialSecret: string;

  /** @default '5min' */
  readonly pollInterval?: DurationText;

  /** The backup of every volume to the target. */
  readonly backup: RecurringJobSpec;
}

/**
 * A kernel NFS mount. It froze a control plane five times in nine days; there is no reason to ask for it that
 * `s3` or `backup` does not serve better. Mounted soft and with bounds, and warned about at each synth.
 */
export interface KernelNfsBackupTargetSpec {
  readonly kind: 'kernel-nfs';
  readonly server: string;
  readonly path: string;
}

export interface BackupSpec<Node extends string> {
  /** The CronJob's name. @default 'local-path-backup' */
  readonly name?: string;

  /** @default 'kube-system' */
  readonly namespace?: string;

  /** The node whose local-path volumes are copied, and on which the copy runs. */
  readonly from: NoInfer<Node>;

  /** The machine that receives the copy. */
  readonly to: BackupDestinationSpec;

  /** When it starts each day, in the time zone of `from`. */
  readonly at: TimeOfDay;

  /**
   * rsync's `--bwlimit`. Required: without a limit, rsync over gigabit froze the node in two seconds.
   */
  readonly bandwidthLimitKibPerSecond: number;

  /** The Secret that holds the SSH private key, in the CronJob's namespace. */
  readonly keySecret: SecretKeySpec;

  /**
   * How long one run may take.
   *
   * @default '2h'
   */
  readonly deadline?: DurationText;

  /**
   * How old the last good backup may become before somebody is told.
   *
   * @default '26h'
   */
  readonly staleAfter?: DurationText;
}

export interface BackupDestinationSpec {
  readonly host: string;
  readonly user: string;

  /** The folder that receives the local-path volumes. What is deleted on the node stays in it. */
  readonly path: string;

  /** @default 22 */
  readonly port?: number;

  /** The machine's public host key as in known_hosts, without the name: `'ssh-ed25519 AAAA…'`. */
  readonly hostKey: `${'ssh-ed25519' | 'ssh-rsa' | 'ecdsa-sha2-nistp256'} ${string}`;
}

export interface SecretKeySpec {
  readonly name: string;
  readonly key: string;
}

export interface DnsSpec {
  /**
   * How many CoreDNS pods, each on a node of its own.
   *
   * @default 2
   */
  readonly replicas?: number;
}

export type MonitoringSpec<Node extends string> = ChartMonitoringSpec<Node> | ExistingMonitoringSpec;

interface MonitoringCommonSpec {
  /**
   * Where the pages of `docs/runbooks` can be read; an alert links to `<this>/<alert in lower case>.md`.
   *
   * @default - `docs/runbooks` in the repository of `gitops`, where GitHub and GitLab show it; Gitea needs its own
   */
  readonly runbookBaseUrl?: string;
}

/** kube-prometheus-stack, installed by an Application of ours. */
export interface ChartMonitoringSpec<Node extends string> extends MonitoringCommonSpec {
  readonly install: 'kube-prometheus-stack';

  /** @default 'monitoring' */
  readonly namespace?: string;

  /** The only node on which Prometheus, Alertmanager, Grafana and the operator may run. Required, not preferred. */
  readonly requiredNode: NoInfer<Node>;
}

/** A Prometheus Operator that is already there, e.g. MicroK8s's observability addon. */
export interface ExistingMonitoringSpec extends MonitoringCommonSpec {
  readonly install: 'existing';
  readonly namespace: string;

  /** The labels by which its Prometheus selects PrometheusRules, e.g. `{ release: 'kube-prom-stack' }`. */
  readonly ruleLabels: Readonly<Record<string, string>>;

  /**
   * Whether its node-exporter reads `/var/lib/node-exporter/textfile` of the hosts, where the watchdog writes.
   *
   * @default false - alerts that need it are left out
   */
  readonly textfileCollector?: boolean;
}

export interface KeepOffSpec<Node extends string> {
  readonly namespace: string;
  readonly deployment: string;
  readonly nodes: readonly NoInfer<Node>[];

  /**
   * Who applied the Deployment. `kubectl-apply` and `argocd` are refused, with what to do instead: a partial patch
   * of an object that `kubectl apply` owns fails for ever, and two Applications on one object undo each other.
   */
  readonly appliedBy: 'helm' | 'controller' | 'kubectl-apply' | 'argocd';
}

export interface NetworkPolicySpec {
  readonly name: string;
  readonly namespace: string;

  /** The labels of the pods that are protected. */
  readonly pods: Readonly<Record<string, string>>;

  /** The namespaces whose pods may connect; everybody else may not. */
  readonly allowFromNamespaces: readonly string[];

  /** The TCP ports that may be reached. @default - every port */
  readonly ports?: readonly number[];
}

export interface UpgradesSpec {
  /** The namespace of the system-upgrade-controller, which must be installed. @default 'system-upgrade' */
  readonly namespace?: string;
  readonly ubuntu: UbuntuUpgradeSpec;
}

export interface UbuntuUpgradeSpec {
  /** The release that the nodes run now, e.g. `'25.10'`. */
  readonly from: string;

  /** The release to go to, e.g. `'26.04'`. */
  readonly to: string;

  /** When nodes may be upgraded, in the time zone of the first control-plane node. */
  readonly window: { readonly days: readonly Weekday[]; readonly start: TimeOfDay; readonly end: TimeOfDay };

  /**
   * How long a node that came back must have been healthy before the next one may begin.
   *
   * @default '10min'
   */
  readonly settle?: DurationText;
}

export interface ReachabilitySpec<Node extends string> {
  /** The nodes to look at. @default - all */
  readonly nodes?: readonly NoInfer<Node>[];

  /**
   * A blackbox exporter outside the cluster that the cluster's Prometheus asks, e.g. `'nas.lan:9115'`.
   *
   * @default - no Probe
   */
  readonly prober?: string;

  /**
   * How long a node may be silent before somebody is told.
   *
   * @default '2min'
   */
  readonly tolerate?: DurationText;
}

/**
 * Checks a spec's types and completes the names of its nodes where they are referred to. Returns it unchanged.
 */
export function defineCluster<const Node extends string>(spec: ClusterSpec<Node>): ClusterSpec<Node> {
  return spec;
}

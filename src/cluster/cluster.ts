/**
 * A cluster as every later part sees it: parsed, complete, immutable.
 *
 * What a spec left out has its default here; a mitigation that is off is `null`, never `undefined`.
 */
import type { Backup } from './backup.js';
import type { Distribution, NodeRole } from './distribution.js';
import type { Duration } from './duration.js';
import type * as hostSections from './parse/host-sections.js';
import type * as monitoringSections from './parse/monitoring.js';
import type { Output } from './parse/parser.js';
import type * as reachabilitySections from './parse/reachability.js';
import type { reboots } from './parse/reboots.js';
import type * as sections from './parse/sections.js';
import type * as storageSections from './parse/storage-sections.js';
import type { PatchName } from './patches.js';
import type { ScrapedProgram } from './spec/monitoring.js';

type Section<F extends (...args: never[]) => unknown> = Output<ReturnType<F>>;

export type Architecture = 'arm64' | 'amd64';
export type Board = 'raspberry-pi' | 'generic';
export type BootLoader = 'piboot' | 'raspberry-pi-firmware' | 'grub';

/** A parameter of a kernel module in the running kernel. */
export interface ModuleParameter {
  readonly module: string;
  readonly name: string;
  readonly value: string;
}

export interface ClusterNode {
  /** The Kubernetes node name, which is also its `kubernetes.io/hostname`. */
  readonly name: string;
  readonly role: NodeRole;
  readonly address: string;
  readonly timeZone: string;
  readonly architecture: Architecture;
  readonly board: Board;
  readonly bootLoader: BootLoader;
}

export type RcuWatchdog = NonNullable<Section<typeof hostSections.hosts>[number]['rcuWatchdog']>;
export type SandboxCleanup = NonNullable<Section<typeof hostSections.hosts>[number]['sandboxCleanup']>;
export type Checks = NonNullable<Section<typeof hostSections.hosts>[number]['checks']>;
export type HungTask = NonNullable<NonNullable<Section<typeof hostSections.hosts>[number]['kernel']>['hungTask']>;

export interface HardwareWatchdog {
  readonly runtimeTimeout: Duration;
  readonly rebootTimeout: Duration;
  readonly device: string;
}

/** Nodes that node-bootstrap treats alike: they share role, board, boot loader and architecture. */
export interface HostGroup {
  /** The DaemonSet's name. */
  readonly name: string;
  readonly nodes: readonly ClusterNode[];
  readonly role: NodeRole;
  readonly board: Board;
  readonly bootLoader: BootLoader;
  readonly rcuWatchdog: RcuWatchdog | null;
  readonly sandboxCleanup: SandboxCleanup | null;
  readonly hungTask: HungTask | null;
  readonly hardwareWatchdog: HardwareWatchdog | null;
  readonly kernelArguments: readonly string[];
  readonly moduleParameters: readonly ModuleParameter[];
  readonly checks: Checks | null;
  /** How often a pod looks whether its host is still as described. */
  readonly driftCheck: Duration;
  readonly onDrift: 'report' | 'restore';
  /** Absent: everything that was brought is taken back, and no layer asks for anything. */
  readonly state: 'described' | 'absent';
}

export type Gitops = Omit<Output<typeof sections.gitops>, 'path'> & { readonly path: string };
export type Longhorn = Output<typeof storageSections.longhorn>;
export type RecurringJob = NonNullable<Longhorn['dailySnapshot']>;
export type Dns = Output<typeof sections.dns>;
export type KeepOff = Omit<Section<typeof sections.keepOff>[number], 'nodes'> & {
  readonly nodes: readonly ClusterNode[];
};
export type NetworkPolicy = Output<typeof sections.networkPolicies>[number];
export type Upgrades = Output<typeof sections.upgrades> & { readonly timeZone: string };

export interface ChartMonitoring {
  readonly requiredNode: ClusterNode;
  readonly releaseName: string;
  /** A volume for Prometheus, or null for an emptyDir. */
  /** Where Grafana's admin account stands, or null where the chart makes one up. */
  readonly grafanaAdminSecret: string | null;
  readonly storage: { readonly gibibytes: number; readonly storageClass: string } | null;
}

export type Notify = NonNullable<Section<typeof monitoringSections.monitoring>['notify']>;

export interface Monitoring {
  readonly namespace: string;
  /** Labels by which Prometheus selects PrometheusRules and Probes. */
  readonly ruleLabels: ReadonlyMap<string, string>;
  /** Labels by which Alertmanager selects AlertmanagerConfigs, or null where it is not told what silences what. */
  readonly alertmanagerConfigLabels: ReadonlyMap<string, string> | null;
  /** Who is told, or null where nobody is told from here. */
  readonly notify: Notify | null;
  /** Whether node-exporter reads the hosts' textfile folder. */
  readonly textfileCollector: boolean;
  /** What the cluster has and its Prometheus does not ask. */
  readonly notScraped: readonly ScrapedProgram[];
  /** Without a trailing slash. */
  readonly runbookBaseUrl: string;
  /** The node that kube-prometheus-stack is tied to, or null where somebody else installed Prometheus. */
  readonly chart: ChartMonitoring | null;
}

/** `order`: all nodes, or null where the cluster itself decides. */
export type Reboots = Omit<Section<typeof reboots>, 'schedule' | 'ssh'> & {
  readonly schedule: RebootSchedule | null;
  /** By the node's name. A Job enters the hosts of all others. */
  readonly ssh: ReadonlyMap<string, RebootSsh>;
};

/** How whoever runs a roll reaches a host. */
export interface RebootSsh {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly sudo: boolean;
  readonly hostKey: string;
}

/** When the cluster itself may begin with a node. */
export type RebootSchedule = NonNullable<Section<typeof reboots>['schedule']> & { readonly timeZone: string };

export type RebootNotify = NonNullable<Reboots['notify']>;

export interface Reachability {
  readonly nodes: readonly ClusterNode[];
  readonly prober: string | null;
  readonly tolerate: Duration;
  readonly notify: Section<typeof reachabilitySections.reachability>['notify'];
}

export interface SchedulerLease {
  readonly leaseDuration: Duration;
  readonly renewDeadline: Duration;
  readonly retryPeriod: Duration;
}

export interface Jiva {
  readonly namespace: string;
  readonly replicas: number;
}

/** As manifests name them. */
export interface Images {
  readonly alpine: string;
  readonly node: string;
  /** Only MicroK8s's is in Git. */
  readonly coredns: string;
}

export interface Cluster {
  readonly name: string;
  readonly distribution: Distribution;
  readonly gitops: Gitops;
  /** In the order of the spec. */
  readonly nodes: readonly ClusterNode[];
  /** The first control-plane node: its clock is the one that schedules without a zone are read by. */
  readonly controlPlane: ClusterNode;
  readonly hosts: readonly HostGroup[];
  readonly images: Images;
  readonly longhorn: Longhorn | null;
  readonly backup: Backup | null;
  readonly dns: Dns | null;
  readonly monitoring: Monitoring | null;
  readonly keepOff: readonly KeepOff[];
  /** Patches of foreign objects that are being taken back. */
  readonly retiring: readonly PatchName[];
  readonly networkPolicies: readonly NetworkPolicy[];
  readonly upgrades: Upgrades | null;
  readonly reboots: Reboots;
  readonly reachability: Reachability | null;
  /** False only for k3s on SQLite, which runs without leader election. */
  readonly leaderElection: boolean;
  readonly calico: boolean;
  readonly schedulerLease: SchedulerLease | null;
  readonly jiva: Jiva | null;
}

/**
 * What a person writes to describe a cluster.
 *
 * Everything optional is a mitigation that stays off when its key is absent, unless the key says otherwise.
 * Wherever a node is named, only the keys of `nodes` are accepted.
 */
import type { PatchName } from './patches.js';
import type { BackupSpec } from './spec/backup.js';
import type { GitopsSpec } from './spec/gitops.js';
import type { HostsSpec } from './spec/hosts.js';
import type { ImagesSpec } from './spec/images.js';
import type { LonghornSpec } from './spec/longhorn.js';
import type { JivaSpec, SchedulerLeaseSpec } from './spec/microk8s.js';
import type { MonitoringSpec } from './spec/monitoring.js';
import type { K3sNodeSpec, Microk8sNodeSpec } from './spec/nodes.js';
import type { ReachabilitySpec } from './spec/reachability.js';
import type { RebootsSpec } from './spec/reboots.js';
import type { UpgradesSpec } from './spec/upgrades.js';
import type { DnsSpec, KeepOffSpec, NetworkPolicySpec } from './spec/workloads.js';

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

interface CommonSpec<Node extends string> {
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

  /** @default - every image from where it is published, in the version that this release was made with */
  readonly images?: ImagesSpec;

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
   * Patches of objects that are not ours which are being taken back: our fields leave the object, the object stays.
   * It is the first of two commits, and what the patch is for stays described until the second: `selfheal retire`.
   *
   * @default []
   */
  readonly retiring?: readonly PatchName[];

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
   * How `selfheal reboot` takes the nodes down, one after the other.
   *
   * @default - its own deadlines, nothing protected, nobody told
   */
  readonly reboots?: RebootsSpec<Node>;

  /**
   * A look from outside at whether the nodes can be reached.
   *
   * @default - nobody outside the cluster looks
   */
  readonly reachability?: ReachabilitySpec<Node>;
}

/**
 * Checks a spec's types and completes the names of its nodes where they are referred to. Returns it unchanged.
 */
export function defineCluster<const Node extends string>(spec: ClusterSpec<Node>): ClusterSpec<Node> {
  return spec;
}

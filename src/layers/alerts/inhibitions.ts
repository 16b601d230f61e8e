/**
 * Which alert silences which, because both come from one cause.
 *
 * An entry stands here only where the source being true says that the target is, or will be, true for the same reason.
 * What merely happens on the same day stays apart: on June 5 missing NAT rules and reserved sandbox names met on one node,
 * and either would have hidden the other. Nothing that wakes is hidden by what does not.
 */
import type { Cluster } from '../../cluster/cluster.js';

/** Label to the values that it may have. */
export type Where = Readonly<Record<string, readonly string[]>>;

export interface Side {
  readonly alerts: readonly string[];

  /** Labels beyond the name. @default {} - any */
  readonly where?: Where;
}

export interface Inhibition {
  /** While one of these fires … */
  readonly source: Side;

  /** … these are not sent. */
  readonly target: Side;

  /** Labels that both must have, with the same values. */
  readonly equal: readonly string[];

  /** Why the one contains the other. */
  readonly why: string;

  /** The heading in docs/incidents.md that tells of such a cause. */
  readonly incident: string;
}

/** Every entry, whether the cluster has its alerts or not. */
export const inhibitions = (cluster: Pick<Cluster, 'hosts' | 'dns' | 'nodes'>): readonly Inhibition[] => [
  ...ON_EVERY_CLUSTER,
  ...ofOnlyServer(cluster),
  ...ofHosts(cluster),
  // With more, two of three on one node are a second mistake.
  ...(cluster.dns?.replicas === 2 ? [ONE_OF_TWO_REPLICAS] : []),
];

const ON_EVERY_CLUSTER: readonly Inhibition[] = [
  {
    source: { alerts: ['NodeRepeatedReboots'] },
    target: { alerts: ['NodeUnexpectedReboot', 'RcuWatchdogRebootedNode', 'RcuWatchdogBudgetSpent'] },
    equal: ['node'],
    why: 'Each is one boot of the loop, or the budget that the loop has used up.',
    incident: 'apr-3-reboot-loop',
  },
  {
    source: { alerts: ['RcuWatchdogRebootedNode'] },
    target: { alerts: ['NodeUnexpectedReboot'] },
    equal: ['node'],
    why: 'The reboot is the one that the watchdog made, and its own alert says why. From the third on NodeRepeatedReboots tells.',
    incident: 'nov-30-watchdog',
  },
  {
    source: { alerts: ['NodeUnreachableFromOutside'] },
    target: { alerts: ['RcuWatchdogBlackHole'] },
    equal: ['node'],
    why: 'The network of the node is dark: one says it from outside, the other from inside and later.',
    incident: 'nov-30-black-hole',
  },
  {
    source: { alerts: ['NodeUnreachableFromOutside'] },
    target: { alerts: ['NodeMetricsMissing'] },
    equal: ['node'],
    why: 'Nothing can be scraped from a node that answers nobody.',
    incident: 'nov-13',
  },
  {
    source: { alerts: ['ControlPlaneLeaseNotRenewed'], where: { lease: ['kube-scheduler'] } },
    target: { alerts: ['SchedulerNotProcessingPods'] },
    equal: [],
    why: 'No scheduler holds the lease, so none looks at pods. There is one scheduler lease in a cluster.',
    incident: 'pvek8s-rc-1-scheduler',
  },
  {
    source: { alerts: ['CoreDnsUnavailable'] },
    target: { alerts: ['CoreDnsReplicasLow'] },
    equal: ['namespace', 'deployment'],
    why: 'None is fewer than wanted.',
    incident: 'pvek8s-rc-1-scheduler',
  },
  {
    source: { alerts: ['ClusterIpRulesMissing'] },
    target: { alerts: ['CalicoNodeNotRestartedAfterReboot'] },
    equal: ['node'],
    why: 'The rules that a calico-node from before the boot leaves out are seen to be missing.',
    incident: 'pvek8s-rc-2-calico',
  },
  {
    source: { alerts: ['JivaVolumeWithoutQuorum'] },
    target: { alerts: ['JivaReplicaNotReady'] },
    equal: ['namespace', 'statefulset'],
    why: 'Without a quorum a replica is missing.',
    incident: 'pvek8s-rc-2-calico',
  },
  {
    source: { alerts: ['BackupCronJobStale', 'LocalPathBackupStale', 'OffsiteBackupStale'] },
    target: { alerts: ['LocalPathBackupFailed', 'OffsiteBackupFailed'] },
    equal: ['cronjob'],
    why: 'The runs that failed are those that did not succeed.',
    incident: 'nov-13',
  },
  {
    source: { alerts: ['BackupDrillNotEqual'] },
    target: { alerts: ['BackupDrillStale'] },
    equal: ['cronjob'],
    why: 'A drill that finds a difference does not succeed.',
    incident: 'nov-13',
  },
  {
    source: { alerts: ['BackupDrillStale'] },
    target: { alerts: ['BackupDrillFailed'] },
    equal: ['cronjob'],
    why: 'The drills that failed are those that did not succeed.',
    incident: 'nov-13',
  },
  {
    source: { alerts: ['LonghornVolumeBackupStale'] },
    target: { alerts: ['LonghornBackupError'] },
    equal: ['volume'],
    why: 'The backup that ended with an error is the one that is missing.',
    incident: 'nov-5-backup-window',
  },
  {
    source: { alerts: ['NodeBootstrapMissing'] },
    target: { alerts: ['NodeBootstrapSilent'] },
    equal: ['node'],
    why: 'A pod that does not run looks at nothing.',
    incident: 'nov-5-reverted',
  },
];

const ONE_OF_TWO_REPLICAS: Inhibition = {
  source: { alerts: ['CoreDnsReplicasLow'] },
  target: { alerts: ['CoreDnsOnOneNode'] },
  equal: [],
  why: 'Of two replicas one is left, and that is on one node.',
  incident: 'pvek8s-rc-1-scheduler',
};

/** Where there are several, a lease that nobody renews while one of them is dark is a second failure. */
const ofOnlyServer = ({ nodes }: Pick<Cluster, 'nodes'>): readonly Inhibition[] => {
  const [server, ...others] = nodes.filter(({ role }) => role === 'control-plane');
  if (server === undefined || others.length > 0) return [];
  return [
    {
      source: { alerts: ['NodeUnreachableFromOutside'], where: { node: [server.name] } },
      target: { alerts: ['ControlPlaneLeaseNotRenewed'] },
      equal: [],
      why: 'The node that is dark is the only one that could renew a lease.',
      incident: 'nov-13',
    },
  ];
};

/** Which nodes a DaemonSet serves stands in no label. */
const ofHosts = ({ hosts }: Pick<Cluster, 'hosts'>): readonly Inhibition[] =>
  hosts.flatMap(({ name, nodes }) => {
    const where = { node: nodes.map((node) => node.name) };
    const absent: Inhibition = {
      source: { alerts: ['NodeBootstrapAbsent'], where: { daemonset: [name] } },
      target: { alerts: ['NodeBootstrapMissing', 'NodeBootstrapSilent'], where },
      equal: [],
      why: 'A DaemonSet that does not exist has no pod on any of its nodes.',
      incident: 'nov-5-reverted',
    };
    const missing: Inhibition = {
      source: { alerts: ['NodeBootstrapMissing'], where },
      target: { alerts: ['NodeBootstrapUnavailable'], where: { daemonset: [name] } },
      equal: [],
      why: 'The pod that does not run is the only one of its DaemonSet.',
      incident: 'nov-5-reverted',
    };
    // With several nodes the pod that is not available may be another one, for another reason.
    return nodes.length === 1 ? [absent, missing] : [absent];
  });

/** The entries whose two sides the cluster has, with the alerts that it has. */
export function applicable(entries: readonly Inhibition[], alerts: ReadonlySet<string>): readonly Inhibition[] {
  const side = ({ alerts: names, ...rest }: Side): Side => ({
    ...rest,
    alerts: names.filter((name) => alerts.has(name)),
  });
  return entries
    .map((entry) => ({ ...entry, source: side(entry.source), target: side(entry.target) }))
    .filter(({ source, target }) => source.alerts.length > 0 && target.alerts.length > 0);
}

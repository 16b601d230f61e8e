/** Which checks there are, which alerts they stand for, and which of them a host gets. */
import type { Backup } from '../../cluster/backup.js';
import type { Cluster, HostGroup } from '../../cluster/cluster.js';
import type { Duration } from '../../cluster/duration.js';
import { wantedDns } from '../../cluster/patches.js';

export interface PlugIn {
  /** Its name on the host and for NRPE, without `.sh`. */
  readonly name: string;
  /** The file in scripts/. */
  readonly script: string;
  /** `cluster` asks the API server as NRPE; `host` looks at its host, as root by a timer. */
  readonly looksAt: 'cluster' | 'host';
  readonly alerts: readonly string[];
  readonly isFor: (cluster: Cluster, group: Pick<HostGroup, 'role' | 'rcuWatchdog'>) => boolean;
}

const plugIn = (
  name: string,
  looksAt: PlugIn['looksAt'],
  alerts: readonly string[],
  isFor: PlugIn['isFor'],
  script = `${name}.sh`,
): PlugIn => ({ name, script, looksAt, alerts, isFor });

/** The names are those by which the owner of pvek8s wished for them. */
export const PLUG_INS: readonly PlugIn[] = [
  plugIn('check_k8s_scheduler_stall', 'cluster', ['SchedulerNotProcessingPods'], () => true),
  plugIn(
    'check_k8s_lease_holder',
    'cluster',
    ['ControlPlaneLeaseNotRenewed', 'SchedulerLeaseHolderStalled'],
    ({ leaderElection }) => leaderElection,
  ),
  plugIn(
    'check_coredns_replicas',
    'cluster',
    ['CoreDnsUnavailable', 'CoreDnsReplicasLow', 'CoreDnsOnOneNode'],
    (cluster) => wantedDns(cluster) !== null,
  ),
  plugIn('check_sandbox_changed', 'cluster', ['PodSandboxStorm'], () => true),
  plugIn(
    'check_jiva_quorum',
    'cluster',
    ['JivaVolumeWithoutQuorum', 'JivaReplicaNotReady'],
    ({ jiva }) => jiva !== null,
  ),
  plugIn(
    'check_backup_age',
    'cluster',
    ['BackupCronJobStale', 'OffsiteBackupStale', 'LocalPathBackupStale', 'BackupCronJobMissing'],
    ({ backup }) => backup !== null,
  ),
  plugIn('check_k8s_nat_rules', 'host', ['ClusterIpRulesMissing'], () => true),
  plugIn(
    'check_calico_node_restarts',
    'host',
    ['CalicoNodeNotRestartedAfterReboot', 'CalicoNodeRestartingAfterReboot'],
    ({ calico }) => calico,
  ),
  plugIn(
    'check_dqlite_locks',
    'host',
    ['DatastoreRequestErrors'],
    ({ distribution }, { role }) => distribution.name === 'microk8s' && role === 'control-plane',
  ),
  plugIn(
    'check_kine_locks',
    'host',
    ['DatastoreRequestErrors'],
    // Without leader election k3s is on SQLite; with etcd nothing of kine runs.
    ({ distribution, leaderElection }, { role }) =>
      distribution.name === 'k3s' && !leaderElection && role === 'control-plane',
    'check_dqlite_locks.sh',
  ),
  plugIn(
    'check_rcu_watchdog',
    'host',
    ['RcuWatchdogSilent', 'RcuWatchdogBudgetSpent', 'RcuWatchdogHeld'],
    (_, { rcuWatchdog }) => rcuWatchdog !== null,
  ),
];

/** Those that a host of this group gets; without NRPE nobody would ask the others. */
export const plugInsFor = (cluster: Cluster, group: HostGroup): readonly PlugIn[] =>
  group.checks === null
    ? []
    : PLUG_INS.filter(
        ({ isFor, looksAt }) => isFor(cluster, group) && (looksAt === 'host' || group.checks?.nrpe !== null),
      );

/** The CronJobs that make backups, each with how old its last success may be. */
export const backupCopies = (backup: Backup): readonly { readonly name: string; readonly staleAfter: Duration }[] =>
  backup.form === 'snapshots' && backup.offsite !== null ? [backup, backup.offsite] : [backup];

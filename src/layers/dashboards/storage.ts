/** Volumes, and the last copies of what is on them: the board of the backups says more. */
import type { Cluster, Jiva } from '../../cluster/cluster.js';
import { longhornVolumes, promql } from '../promql.js';
import { type Limit, type PanelSpec, type Part, type Query, sideBySide } from './panel.js';

export function storagePanels({ longhorn, jiva, backup }: Cluster): readonly PanelSpec[] {
  const stats = [
    ...(longhorn ? LONGHORN : []),
    ...(jiva ? [fewest(jiva)] : []),
    ...(backup ? [lastBackup(backup.namespace, backup.name, backup.staleAfter.seconds)] : []),
  ];
  return [
    ...(stats.length > 0 ? sideBySide(...stats) : []),
    ...(longhorn ? [LONGHORN_OVER_TIME] : []),
    ...(jiva ? [jivaOverTime(jiva)] : []),
  ];
}

const longhornNow = (state: 'degraded' | 'faulted'): Query => ({
  expr: promql`count(${longhornVolumes(state)}) or 0 * count(longhorn_volume_robustness)`,
  legend: state,
});

const LONGHORN: readonly Part[] = [
  {
    kind: 'stat',
    title: 'Longhorn volumes degraded',
    description:
      'Too few replicas. Zero is normal, and for the better part of an hour after a node was away. No number: Longhorn is not seen.',
    queries: [longhornNow('degraded')],
    unit: 'short',
    from: [{ at: 1, is: 'worth a look', alert: 'LonghornVolumeDegraded', counts: true }],
  },
  {
    kind: 'stat',
    title: 'Longhorn volumes faulted',
    description: 'No usable replica: what uses the volume stands still. Zero is normal.',
    queries: [longhornNow('faulted')],
    unit: 'short',
    from: [{ at: 1, is: 'bad', alert: 'LonghornVolumeFaulted', counts: true }],
  },
];

const LONGHORN_OVER_TIME: PanelSpec = {
  kind: 'timeseries',
  title: 'Longhorn volumes degraded or faulted',
  description: 'Zero is normal. A line that does not come down after a reboot has a replica that does not rebuild.',
  queries: [longhornNow('degraded'), longhornNow('faulted')],
  unit: 'short',
  width: 24,
};

const readyReplicas = ({ namespace }: Jiva): string =>
  `max by (namespace, statefulset) (kube_statefulset_status_replicas_ready{namespace="${namespace}",statefulset=~".+-rep"})`;

const jivaLimits = ({ replicas }: Jiva): { readonly below: readonly Limit[] } => ({
  below: [
    { at: Math.floor(replicas / 2) + 1, is: 'bad', alert: 'JivaVolumeWithoutQuorum' },
    { at: replicas, is: 'worth a look', alert: 'JivaReplicaNotReady' },
  ],
});

const fewest = (jiva: Jiva): Part => ({
  kind: 'stat',
  title: 'Fewest ready replicas of a Jiva volume',
  description: `${jiva.replicas} is normal. Below ${Math.floor(jiva.replicas / 2) + 1} that volume is read-only. Reboot no node while one is missing.`,
  queries: [{ expr: `min(${readyReplicas(jiva)})`, legend: 'replicas' }],
  unit: 'short',
  ...jivaLimits(jiva),
});

const jivaOverTime = (jiva: Jiva): PanelSpec => ({
  kind: 'timeseries',
  title: 'Ready replicas of Jiva volumes',
  description: 'One line for each volume. After a reboot a replica has to rebuild, which may take half an hour.',
  queries: [{ expr: readyReplicas(jiva), legend: '{{statefulset}}' }],
  unit: 'short',
  width: 24,
  ...jivaLimits(jiva),
});

const lastBackup = (namespace: string, name: string, staleAfter: number): Part => ({
  kind: 'stat',
  title: 'Last good backup',
  description: 'Ago. Less than a day is normal. Click it for the board of the backups.',
  queries: [
    {
      expr: `time() - max by (cronjob) (kube_cronjob_status_last_successful_time{namespace="${namespace}",cronjob="${name}"})`,
      legend: '{{cronjob}}',
    },
  ],
  unit: 's',
  from: [{ at: staleAfter, is: 'bad', alert: 'BackupCronJobStale' }],
  leadsTo: 'backups',
});

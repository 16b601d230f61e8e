/** Longhorn's own snapshots and backups. */
import type { Longhorn } from '../../cluster/cluster.js';
import { isExported } from '../metric-sources.js';
import { anyOf, promql } from '../promql.js';
import { type PanelSpec, sideBySide } from './panel.js';

/** As the alerts on its jobs have it: daily, and two hours in which a run may take its time. */
const STALE = 26 * 3600;

export function longhornBackupPanels(longhorn: Longhorn): readonly PanelSpec[] {
  const { namespace, version, dailySnapshot, backupTarget } = longhorn;
  const s3 = backupTarget.kind === 's3' ? backupTarget : null;
  const jobs = [dailySnapshot, s3?.backup].flatMap((job) => job?.name ?? []);
  if (jobs.length === 0) return [];
  return [
    ...sideBySide(
      {
        kind: 'stat',
        title: 'Recurring jobs last succeeded, ago',
        description: 'Less than a day is normal. A snapshot alone lies on the disks that it is to save.',
        queries: [
          {
            expr: `time() - max by (cronjob) (kube_cronjob_status_last_successful_time{namespace="${namespace}",cronjob=~"${anyOf(jobs)}"})`,
            legend: '{{cronjob}}',
          },
        ],
        unit: 's',
        from: [{ at: STALE, is: 'worth a look', alert: 'LonghornRecurringJobStale' }],
      },
      ...(s3 ? [ERRORS] : []),
    ),
    ...(s3 && isExported('longhorn_volume_last_backup_at', version) ? [EACH_VOLUME] : []),
  ];
}

const ERRORS = {
  kind: 'stat',
  title: 'Backups with an error',
  description: 'Zero is normal. They stay until they are deleted; Longhorn shows the reason beside each.',
  queries: [
    {
      expr: 'count(max by (volume, backup) (longhorn_backup_state) == 4) or 0 * count(longhorn_node_status)',
      legend: 'backups',
    },
  ],
  unit: 'short',
  from: [{ at: 1, is: 'worth a look', alert: 'LonghornBackupError', counts: true }],
} as const;

const EACH_VOLUME: PanelSpec = {
  kind: 'table',
  title: "Each volume's last backup",
  description: 'Less than a day is normal. One without any backup is not listed here but alerted on.',
  width: 24,
  labels: [{ label: 'volume', title: 'Volume' }],
  columns: [
    {
      title: 'Ago',
      expr: promql`time() - (max by (volume) (longhorn_volume_last_backup_at) > 0)`,
      unit: 's',
      from: [{ at: STALE, is: 'bad', alert: 'LonghornVolumeBackupStale' }],
    },
  ],
  sortedBy: { title: 'Ago', first: 'highest' },
};

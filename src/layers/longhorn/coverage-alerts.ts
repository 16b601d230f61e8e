/** Alerts on volumes that a daily job does not reach, and on those that it reaches although they are excluded. */
import type { Longhorn, RecurringJob } from '../../cluster/cluster.js';
import { type Duration, describeDuration, minutes } from '../../cluster/duration.js';
import { isExported } from '../metric-sources.js';
import { promql } from '../promql.js';
import type { AlertRule } from '../rule-group.js';
import { andRan, notMeant, oldVolumes, withNewBackup, withNewSnapshot } from './coverage.js';
import { excludedVolumesSelector, LEFT_OUT_LABEL } from './excluded-volumes.js';

export const coverageAlerts = (longhorn: Longhorn, within: Duration): readonly AlertRule[] => [
  ...notCovered(longhorn, within),
  ...excludedCopied(longhorn, within),
];

function notCovered(longhorn: Longhorn, within: Duration): readonly AlertRule[] {
  const { dailySnapshot, backupTarget } = longhorn;
  const uncovered = (job: RecurringJob, copies: string): string => promql`
    label_replace(
      ${oldVolumes(within)}
      unless on (volume)
        ${copies}${notMeant(longhorn, within)}
      ${andRan(longhorn, job, within)},
      "recurring_job", "${job.name}", "", ""
    )`;
  const exprs = [
    ...(dailySnapshot !== null && isExported('longhorn_snapshot_actual_size_bytes', longhorn.version)
      ? [uncovered(dailySnapshot, withNewSnapshot(dailySnapshot, within))]
      : []),
    // Later versions say when a volume was last backed up: LonghornVolumeBackupStale.
    ...(backupTarget.kind === 's3' && !isExported('longhorn_volume_last_backup_at', longhorn.version)
      ? [uncovered(backupTarget.backup, withNewBackup(backupTarget.backup, within))]
      : []),
  ];
  if (exprs.length === 0) return [];
  return [
    {
      kind: 'alert',
      name: 'LonghornVolumeNotCovered',
      expr: exprs.join('\nor\n'),
      for: minutes(30),
      severity: 'warning',
      summary: `A daily job of Longhorn has not copied a volume for ${describeDuration(within)}.`,
      description:
        'Volume {{ $labels.volume }} ({{ $labels.pvc_namespace }}/{{ $labels.pvc }}) has no new copy by {{ $labels.recurring_job }}. A volume with job labels of its own is not in the group default; if it is meant to be left out, name it in longhorn.excludeVolumes.',
    },
  ];
}

function excludedCopied(longhorn: Longhorn, within: Duration): readonly AlertRule[] {
  const { dailySnapshot, backupTarget } = longhorn;
  const excluded = excludedVolumesSelector(longhorn);
  // A backup takes a snapshot first.
  const jobs = [
    ...(dailySnapshot ? [dailySnapshot] : []),
    ...(backupTarget.kind === 's3' ? [backupTarget.backup] : []),
  ];
  if (excluded === null || jobs.length === 0 || !isExported('longhorn_snapshot_actual_size_bytes', longhorn.version))
    return [];
  return [
    {
      kind: 'alert',
      name: 'LonghornExcludedVolumeCopied',
      expr: promql`
        max by (volume, pvc_namespace, pvc) (
          ${excluded}
        )
        and on (volume) (
          ${jobs.map((job) => withNewSnapshot(job, within)).join('\nor\n')}
        )`,
      // The copies from before the label was set are new for that long.
      for: within,
      severity: 'info',
      summary: 'A Longhorn volume is copied although the description excludes it.',
      description: `Volume {{ $labels.volume }} ({{ $labels.pvc_namespace }}/{{ $labels.pvc }}) is in longhorn.excludeVolumes, and a recurring job still reaches it. What keeps a job away is the label ${LEFT_OUT_LABEL}=enabled on the claim or on the volume.`,
    },
  ];
}

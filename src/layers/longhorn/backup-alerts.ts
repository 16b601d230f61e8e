/** Alerts on Longhorn's backups to an object store. */
import type { Longhorn } from '../../cluster/cluster.js';
import { type Duration, describeDuration, formatPromDuration } from '../../cluster/duration.js';
import { promql } from '../promql.js';
import type { AlertRule } from '../rule-group.js';

/** The first version that exports when a volume was last backed up. */
const LAST_BACKUP_AT_SINCE = [1, 11] as const;

export const backupAlerts = ({ version }: Longhorn, staleAfter: Duration): readonly AlertRule[] => [
  BACKUP_ERROR,
  ...(isAtLeast(version, LAST_BACKUP_AT_SINCE) ? [volumeBackupStale(staleAfter)] : []),
];

/** longhorn_backup_state: 0 new, 1 pending, 2 in progress, 3 completed, 4 error, 5 unknown. */
const BACKUP_ERROR: AlertRule = {
  kind: 'alert',
  name: 'LonghornBackupError',
  expr: promql`max by (volume, backup) (longhorn_backup_state) == 4`,
  for: null,
  severity: 'warning',
  summary: 'A Longhorn backup ended with an error.',
  description:
    'Backup {{ $labels.backup }} of volume {{ $labels.volume }} failed. It is alerted on until it is deleted.',
};

/** Also how a target that cannot be reached shows. Zero means never; a volume is given the same time for its first. */
const volumeBackupStale = (staleAfter: Duration): AlertRule => ({
  kind: 'alert',
  name: 'LonghornVolumeBackupStale',
  expr: promql`
    (
      time() - (max by (volume) (longhorn_volume_last_backup_at) > 0) > ${staleAfter.seconds}
    )
    or
    (
      max by (volume) (longhorn_volume_last_backup_at) == 0
      and on (volume) max by (volume) (longhorn_volume_last_backup_at offset ${formatPromDuration(staleAfter)}) == 0
    )`,
  for: null,
  severity: 'critical',
  summary: `A Longhorn volume has no backup from the last ${describeDuration(staleAfter)}.`,
  description:
    'The backup target may be out of reach, or volume {{ $labels.volume }} belongs to no recurring backup job (a volume with jobs of its own leaves the default group).',
});

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [actualMajor = 0, actualMinor = 0] = version.split('.').map(Number);
  return actualMajor > major || (actualMajor === major && actualMinor >= minor);
}

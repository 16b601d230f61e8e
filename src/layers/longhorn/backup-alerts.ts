/** Alerts on Longhorn's backups to an object store. */
import type { Longhorn } from '../../cluster/cluster.js';
import { type Duration, describeDuration, minutes } from '../../cluster/duration.js';
import { promql } from '../promql.js';
import type { AlertRule } from '../rule-group.js';
import { notMeant } from './coverage.js';

export const backupAlerts = (longhorn: Longhorn, staleAfter: Duration): readonly AlertRule[] => [
  BACKUP_TARGET_UNAVAILABLE,
  BACKUP_ERROR,
  volumeBackupStale(longhorn, staleAfter),
];

/** Longhorn looks every five minutes; an object store that is updated is back by then. */
const OUT_OF_REACH = minutes(30);

const BACKUP_TARGET_UNAVAILABLE: AlertRule = {
  kind: 'alert',
  name: 'LonghornBackupTargetUnavailable',
  expr: promql`max by (backup_target) (longhorn_backup_target_status{condition="unavailable"}) == 1`,
  for: OUT_OF_REACH,
  severity: 'warning',
  summary: `Longhorn has not reached its backup target for ${describeDuration(OUT_OF_REACH)}.`,
  description: 'Backup target {{ $labels.backup_target }} cannot be used: no volume is backed up until it can.',
};

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
const volumeBackupStale = (longhorn: Longhorn, staleAfter: Duration): AlertRule => ({
  kind: 'alert',
  name: 'LonghornVolumeBackupStale',
  expr: promql`
    (
      time() - (max by (volume) (longhorn_volume_last_backup_at) != 0) > ${staleAfter.seconds}
      or
      (
        max by (volume) (longhorn_volume_last_backup_at) == 0
        and on (volume) max by (volume) (longhorn_volume_last_backup_at offset ${staleAfter}) == 0
      )
    )${notMeant(longhorn, staleAfter)}`,
  for: null,
  severity: 'critical',
  summary: `A Longhorn volume has no backup from the last ${describeDuration(staleAfter)}.`,
  description:
    'The backup target may be out of reach, or volume {{ $labels.volume }} belongs to no recurring backup job (a volume with jobs of its own leaves the default group).',
});

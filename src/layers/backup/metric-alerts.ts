/** Alerts on what the runs say of themselves. They need the textfile collector. */
import type { SnapshotsBackup } from '../../cluster/backup.js';
import { describeDuration, hours, minutes } from '../../cluster/duration.js';
import { promql } from '../promql.js';
import type { AlertRule } from '../rule-group.js';
import { lastSuccess, metric, notEqual } from './metrics.js';

/** Rides over a restart of node-exporter's pod, whose old and new series may be seen together. */
const CONFIRMED = minutes(10);

/** One volume a week: half a year is enough for two dozen of them. */
const UNVERIFIED = hours(180 * 24);

/** The alert comes while there is still a quarter of the reserve to go until a run is refused. */
const ROOM = 1.25;

export function metricAlerts(backup: SnapshotsBackup): readonly AlertRule[] {
  const copies = [backup, ...(backup.offsite === null ? [] : [backup.offsite])];
  const ofEach = (expr: (name: string) => string): string => copies.map(({ name }) => expr(name)).join('\nor\n');
  return [
    {
      kind: 'alert',
      name: 'LocalPathBackupStale',
      expr: copies
        .map(({ name, staleAfter }) => `time() - ${lastSuccess(name)} > ${staleAfter.seconds}`)
        .join('\nor\n'),
      for: CONFIRMED,
      severity: 'critical',
      summary: `The newest good snapshot is older than it may be (${copies.map(({ name, staleAfter }) => `${name}: ${describeDuration(staleAfter)}`).join(', ')}).`,
      description:
        'The last run of {{ $labels.cronjob }} that ended well was {{ $value | humanizeDuration }} ago, by its own words.',
    },
    {
      kind: 'alert',
      name: 'BackupServerRoomLow',
      expr: ofEach(
        (name) => promql`
        ${metric('server_free_bytes', name)}
        < ${ROOM} * ${metric('server_reserve_bytes', name)}`,
      ),
      for: CONFIRMED,
      severity: 'warning',
      summary: 'The machine that keeps the snapshots is running out of room.',
      description:
        'At the last run of {{ $labels.cronjob }}, {{ $value | humanize1024 }}B were free there. Below its reserve it takes no more snapshots; what it has stays.',
    },
    {
      kind: 'alert',
      name: 'BackupHookFailed',
      expr: ofEach((name) => promql`${metric('hooks_failed', name)} > 0`),
      for: CONFIRMED,
      severity: 'warning',
      summary: 'A program did not answer the request that comes before or after the backup.',
      description:
        '{{ $value }} hook(s) of the last run of {{ $labels.cronjob }} failed. The snapshot is there, but the data of that program was not at rest, or the program still waits for the second request.',
    },
    ...(backup.drill === null ? [] : drillAlerts(backup.drill.name)),
  ];
}

const drillAlerts = (name: string): readonly AlertRule[] => [
  {
    kind: 'alert',
    name: 'BackupDrillNotEqual',
    expr: notEqual(name),
    for: null,
    severity: 'warning',
    summary: 'A volume that was read back is not what was backed up.',
    description:
      'The last run of {{ $labels.cronjob }} found files that differ from the manifest of their snapshot. Its log names the volume and the first difference.',
  },
  {
    kind: 'alert',
    name: 'BackupVolumeUnverified',
    expr: promql`
      time() - (
        ${metric('drill_oldest_verified_timestamp_seconds', name)} != 0
      ) > ${UNVERIFIED.seconds}`,
    for: CONFIRMED,
    severity: 'warning',
    summary: `A volume has not been read back for ${describeDuration(UNVERIFIED)}.`,
    description:
      '{{ $labels.cronjob }} read the volume that waits longest {{ $value | humanizeDuration }} ago. One volume is read each week.',
  },
  {
    kind: 'alert',
    name: 'BackupVolumeTooLargeToDrill',
    expr: promql`${metric('drill_too_large_volumes', name)} > 0`,
    for: CONFIRMED,
    severity: 'warning',
    summary: 'A volume is too large for the scratch space of the drill.',
    description:
      '{{ $value }} volume(s) are never read back by {{ $labels.cronjob }}: nobody knows whether they can be restored.',
  },
];

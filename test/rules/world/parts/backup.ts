/** The CronJobs of the backup, and what their runs write for node-exporter. */
import type { Backup, SnapshotsBackup } from '../../../../src/cluster/backup.js';
import type { Cluster } from '../../../../src/cluster/cluster.js';
import { series, type Values, type World } from '../world.js';
import { cronJob, lastOf } from './cron-jobs.js';
import { exporterOf } from './nodes.js';

/** Twenty minutes at the bandwidth limit are 6 GB: a usual night. */
const TAKES = 20;

export function backup({ backup, monitoring }: Cluster): World {
  if (backup === null) return [];
  const { namespace, name, schedule } = backup;
  const own = cronJob({ namespace, cronjob: name, lastSuccess: lastOf(schedule.at, TAKES) });
  if (backup.form === 'mirror') return own;
  const { offsite, drill } = backup;
  return [
    ...own,
    ...(offsite === null
      ? []
      : cronJob({ namespace, cronjob: offsite.name, lastSuccess: lastOf(offsite.schedule.at, TAKES) })),
    ...(drill === null
      ? []
      : cronJob({ namespace, cronjob: drill.name, lastSuccess: lastOf(drill.schedule.at, TAKES, 7) })),
    ...(monitoring?.textfileCollector ? textfiles(backup) : []),
  ];
}

function textfiles(backup: SnapshotsBackup): World {
  const copies = [backup, ...(backup.offsite === null ? [] : [backup.offsite])];
  return [
    ...copies.flatMap(({ name, schedule }) => {
      const ended = lastOf(schedule.at, TAKES);
      return written(backup, name, {
        last_run_timestamp_seconds: ended,
        last_success_timestamp_seconds: ended,
        last_status: 0,
        hooks_failed: 0,
        server_free_bytes: 4e11,
        server_reserve_bytes: 1e11,
      });
    }),
    ...(backup.drill === null
      ? []
      : written(backup, backup.drill.name, {
          drill_last_run_timestamp_seconds: lastOf(backup.drill.schedule.at, TAKES, 7),
          drill_last_success_timestamp_seconds: lastOf(backup.drill.schedule.at, TAKES, 7),
          drill_last_status: 0,
          drill_oldest_verified_timestamp_seconds: -20 * 7 * 86_400,
          drill_too_large_volumes: 0,
        })),
  ];
}

const written = ({ from }: Backup, cronjob: string, metrics: Readonly<Record<string, Values | number>>): World =>
  Object.entries(metrics).map(([name, values]) =>
    series(
      `selfheal_backup_${name}`,
      { ...exporterOf(from.name), instance: `${from.address}:9100`, job: 'node-exporter', cronjob },
      values,
    ),
  );

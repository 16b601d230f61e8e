/** What the board of the backups shows beyond what the rules look at. */
import type { Cluster } from '../../../src/cluster/cluster.js';
import { cronJob, lastOf } from '../world/parts/cron-jobs.js';
import { exporterOf } from '../world/parts/nodes.js';
import { type Series, series, type Values, type World } from '../world/world.js';

const VOLUMES = ['home-assistant_config', 'mosquitto_data', 'vaultwarden_data', 'gitea_repositories'];
/** Days before minute 0; the oldest is the one that the metric over all of them tells. */
const OLDEST = [0, -40, -82, -140];
const TAKES = 20;
const [DAY, WEEK] = [86_400, 7 * 86_400];

export function shownOfBackups({ backup, monitoring }: Cluster): World {
  if (backup === null) return [];
  const { namespace, from } = backup;
  const { offsite, drill } = backup.form === 'snapshots' ? backup : { offsite: null, drill: null };
  const copies = [backup, ...(offsite ? [offsite] : [])];
  const drilled = drill ? lastOf(drill.schedule.at, TAKES, 7) : null;
  const written = (cronjob: string, metric: string, values: Values | number, labels: Series['labels'] = {}): Series =>
    series(
      `selfheal_backup_${metric}`,
      { ...exporterOf(from.name), instance: `${from.address}:9100`, job: 'node-exporter', cronjob, ...labels },
      values,
    );
  return [
    ...copies.flatMap(({ name, schedule }) => {
      const ended = lastOf(schedule.at, TAKES);
      return [
        ...cronJob({ namespace, cronjob: name, lastSuccess: ended }),
        series(
          'kube_cronjob_next_schedule_time',
          { namespace, cronjob: name },
          (minute) => (ended(minute) ?? 0) + DAY - TAKES * 60,
        ),
        series(
          'kube_job_status_start_time',
          { namespace, job_name: `${name}-29012345` },
          (minute) => (ended(minute) ?? 0) - TAKES * 60,
        ),
        series('kube_job_status_completion_time', { namespace, job_name: `${name}-29012345` }, ended),
      ];
    }),
    ...(drill && drilled
      ? [
          ...cronJob({ namespace, cronjob: drill.name, lastSuccess: drilled }),
          series(
            'kube_cronjob_next_schedule_time',
            { namespace, cronjob: drill.name },
            (minute) => (drilled(minute) ?? 0) + WEEK - TAKES * 60,
          ),
        ]
      : []),
    ...(monitoring?.textfileCollector && backup.form === 'snapshots'
      ? [
          ...copies.flatMap(({ name, schedule }) => {
            const ended = lastOf(schedule.at, TAKES);
            return [
              written(name, 'last_run_timestamp_seconds', ended),
              written(name, 'last_success_timestamp_seconds', ended),
              ...Object.entries({
                last_status: 0,
                hooks_failed: 0,
                server_free_bytes: 4.1e11,
                server_reserve_bytes: 1e11,
              }).map(([metric, value]) => written(name, metric, value)),
              written(name, 'bytes', (minute) => 18.2e9 + 4e7 * Math.floor((ended(minute) ?? 0) / DAY + 1)),
              written(name, 'sent_bytes', (minute) => ((ended(minute) ?? 0) < 0 ? 9.1e8 : 1.2e9)),
              ...VOLUMES.slice(0, 2).map((volume, index) =>
                written(name, 'changing_files', index === 0 ? 3 : 1, { volume }),
              ),
            ];
          }),
          ...(drill && drilled
            ? [
                written(drill.name, 'drill_last_run_timestamp_seconds', drilled),
                ...Object.entries({
                  last_status: 0,
                  too_large_volumes: 0,
                  oldest_verified_timestamp_seconds: -140 * DAY,
                }).map(([metric, value]) => written(drill.name, `drill_${metric}`, value)),
                ...VOLUMES.flatMap((volume, index) => [
                  written(
                    drill.name,
                    'drill_volume_verified_timestamp_seconds',
                    index === 0 ? drilled : (OLDEST[index] ?? 0) * DAY,
                    { volume },
                  ),
                  written(drill.name, 'drill_volume_bad', 0, { volume }),
                ]),
              ]
            : []),
        ]
      : []),
  ];
}

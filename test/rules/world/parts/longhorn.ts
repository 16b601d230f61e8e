/** Two volumes of Longhorn that each of its jobs reaches, in the form of its version. */
import type { Cluster, Longhorn, RecurringJob } from '../../../../src/cluster/cluster.js';
import { isAtLeast } from '../../../../src/layers/metric-sources.js';
import { type Series, series, type World } from '../world.js';
import { cronJob, lastOf } from './cron-jobs.js';

/** How many minutes after its job began a copy is there. */
const TAKES = 5;
const DAY = 24 * 60;

/** Copies are shown from so many days before minute 0 to so many after it. */
const DAYS = [-8, 9] as const;

export function longhorn({ longhorn, nodes: [node] }: Cluster): World {
  if (longhorn === null || node === undefined) return [];
  const { dailySnapshot, backupTarget, namespace } = longhorn;
  const backup = backupTarget.kind === 's3' ? backupTarget.backup : null;
  const volumes = ['one', 'two'].map((name) => ({
    volume: `pvc-${name}`,
    pvc: name,
    pvc_namespace: 'home',
    node: node.name,
  }));
  return [
    series('longhorn_node_status', { node: node.name, condition: 'ready' }, 1),
    ...(backup !== null && isAtLeast(longhorn.version, '1.12.2')
      ? [series('longhorn_backup_target_status', { backup_target: 'default', condition: 'unavailable' }, 0)]
      : []),
    ...volumes.flatMap((volume) => [
      series('longhorn_volume_capacity_bytes', volume, 6e9),
      ...states(longhorn, 'longhorn_volume_state', volume, ['attached', 'detached'], 2),
      ...states(longhorn, 'longhorn_volume_robustness', volume, ['healthy', 'degraded', 'faulted', 'unknown'], 1),
      ...(dailySnapshot === null ? [] : snapshots(dailySnapshot, volume.volume)),
      ...(backup === null ? [] : backups(longhorn, backup, volume)),
    ]),
    ...[dailySnapshot, backup].flatMap((job) =>
      job === null ? [] : cronJob({ namespace, cronjob: job.name, lastSuccess: lastOf(job.at, TAKES) }),
    ),
  ];
}

/** Since 1.11 a series for each state, of which the first is true here; before that the number of it. */
const states = (
  { version }: Longhorn,
  metric: string,
  labels: Series['labels'],
  names: readonly string[],
  number: number,
): World =>
  isAtLeast(version, '1.11')
    ? names.map((state, index) => series(metric, { ...labels, state }, index === 0 ? 1 : 0))
    : [series(metric, labels, number)];

/** What a job makes each day is there until as many younger ones are. */
function copies(job: RecurringJob, of: (day: number, values: Series['values']) => Series): World {
  const [first, last] = DAYS;
  return Array.from({ length: last - first }, (_, index) => {
    const made = (first + index) * DAY + job.at.hour * 60 + job.at.minute + TAKES;
    return of(first + index, (minute) => (minute >= made && minute < made + job.retain * DAY ? 1 : null));
  });
}

const snapshots = (job: RecurringJob, volume: string): World =>
  copies(job, (day, values) =>
    series(
      'longhorn_snapshot_actual_size_bytes',
      { volume, snapshot: `${`${job.name}-c`.slice(0, 8)}-day${day}` },
      values,
    ),
  );

const backups = (longhorn: Longhorn, job: RecurringJob, volume: Series['labels']): World => [
  ...copies(job, (day, values) =>
    series(
      'longhorn_backup_state',
      { volume: volume.volume ?? '', backup: `b${day}`, recurring_job: job.name },
      (minute) => (values(minute) === null ? null : 3),
    ),
  ),
  ...(isAtLeast(longhorn.version, '1.11')
    ? [series('longhorn_volume_last_backup_at', volume, lastOf(job.at, TAKES))]
    : []),
];

/** Longhorn's volumes, its recurring jobs and its backups, in both forms of its metrics. */
import { isAtLeast } from '../../../src/layers/metric-sources.js';
import { change, gap, series, turn, type Values, type World } from '../world/world.js';
import { BREAKS, type Proof } from './proof.js';

const NAMESPACE = 'longhorn-system';
const VOLUME = { volume: 'pvc-one', pvc: 'one', pvc_namespace: 'home' };
const LONGHORN = ['longhorn'] as const;
const HOURS = 60;

/** A volume's robustness from one minute to another, as Longhorn since 1.11 and before says it. */
const robustness =
  (version: string, state: 'degraded' | 'faulted', minutes: number) =>
  (world: World): World => {
    const during =
      (value: number): ((old: { values: Values }) => Values) =>
      ({ values }) =>
        turn(
          BREAKS,
          values,
          turn(BREAKS + minutes, () => value, values),
        );
    const { volume } = VOLUME;
    if (!isAtLeast(version, '1.11'))
      return change(
        world,
        { metric: 'longhorn_volume_robustness', labels: { volume } },
        during(state === 'degraded' ? 2 : 3),
      );
    const set = (name: string, value: number) => (before: World) =>
      change(before, { metric: 'longhorn_volume_robustness', labels: { volume, state: name } }, during(value));
    return set('healthy', 0)(set(state, 1)(world));
  };

const robustnessProof = (
  cluster: string,
  version: string,
  alert: string,
  state: 'degraded' | 'faulted',
  lasting: number,
): Proof => ({
  alert,
  cluster,
  broken: robustness(version, state, 1000),
  fires: [VOLUME],
  after: lasting,
  justWell: robustness(version, state, lasting),
  justTooMuch: robustness(version, state, lasting + 1),
  survives: LONGHORN,
});

const away =
  (metric: string, labels: Readonly<Record<string, string>>, minutes: number) =>
  (world: World): World =>
    change(world, { metric, labels }, ({ values }) => gap(BREAKS, BREAKS + minutes, values));

/** The job's last success turns out to be so many seconds ago; the next one comes so many minutes later. */
const jobStale =
  (secondsAgo: number, until: number) =>
  (world: World): World =>
    change(
      world,
      { metric: 'kube_cronjob_status_last_successful_time', labels: { cronjob: 'daily-snapshot' } },
      ({ values }) =>
        turn(
          BREAKS,
          values,
          turn(BREAKS + until, () => BREAKS * 60 - secondsAgo, (BREAKS + until) * 60),
        ),
    );

/** From then on a volume that was there at minute 0 is old enough to have a copy; the alert waits half an hour more. */
const OLD = 26 * HOURS;
const FIRES = OLD + 30;

/** No copies of a volume by a job after minute 0, but for one that comes at a minute. */
const notCopied =
  (volume: string, copyAt: number) =>
  (world: World): World => [
    ...world.filter(
      ({ metric, labels, values }) =>
        metric !== 'longhorn_snapshot_actual_size_bytes' || labels.volume !== volume || values(0) !== null,
    ),
    series('longhorn_snapshot_actual_size_bytes', { volume, snapshot: 'daily-sn-late' }, (minute) =>
      minute < copyAt ? null : 1,
    ),
  ];

/** A volume that the description excludes, with copies as long as nothing else is said. */
const excluded = (world: World, copiedFor = 10_000): World => [
  ...world,
  series('longhorn_volume_capacity_bytes', { volume: 'scratch', pvc: 'tmp', pvc_namespace: 'ci', node: 'lamp' }, 1e9),
  ...[0, 1].map((day) =>
    series('longhorn_snapshot_actual_size_bytes', { volume: 'scratch', snapshot: `daily-sn-x${day}` }, (minute) =>
      minute >= BREAKS + day * 24 * HOURS && minute < BREAKS + copiedFor ? 1 : null,
    ),
  ),
];

export const PROOFS: readonly Proof[] = [
  robustnessProof('homelab', '1.11.3', 'LonghornVolumeDegraded', 'degraded', 45),
  robustnessProof('pantry', '1.10.2', 'LonghornVolumeDegraded', 'degraded', 45),
  robustnessProof('homelab', '1.11.3', 'LonghornVolumeFaulted', 'faulted', 10),
  robustnessProof('pantry', '1.10.2', 'LonghornVolumeFaulted', 'faulted', 10),
  {
    alert: 'LonghornMetricsMissing',
    cluster: 'homelab',
    broken: away('longhorn_node_status', {}, 1000),
    fires: [{}],
    after: 30,
    justWell: away('longhorn_node_status', {}, 30),
    justTooMuch: away('longhorn_node_status', {}, 31),
    survives: ['kube-state-metrics'],
  },
  {
    alert: 'LonghornRecurringJobStale',
    cluster: 'homelab',
    broken: jobStale(26 * 3600 + 1, 1000),
    fires: [{ namespace: NAMESPACE, cronjob: 'daily-snapshot' }],
    after: 10,
    justWell: jobStale(26 * 3600 + 1, 10),
    justTooMuch: jobStale(26 * 3600 + 1, 11),
    survives: ['kube-state-metrics'],
  },
  {
    alert: 'LonghornRecurringJobMissing',
    cluster: 'homelab',
    broken: away('kube_cronjob_created', { cronjob: 'daily-snapshot' }, 1000),
    fires: [{ namespace: NAMESPACE, cronjob: 'daily-snapshot' }],
    after: 30,
    justWell: away('kube_cronjob_created', { cronjob: 'daily-snapshot' }, 30),
    justTooMuch: away('kube_cronjob_created', { cronjob: 'daily-snapshot' }, 31),
    survives: ['kube-state-metrics'],
  },
  {
    alert: 'LonghornBackupTargetUnavailable',
    cluster: 'attic',
    broken: unavailable(1000),
    fires: [{ backup_target: 'default' }],
    after: 30,
    justWell: unavailable(30),
    justTooMuch: unavailable(31),
    survives: LONGHORN,
  },
  {
    alert: 'LonghornBackupError',
    cluster: 'attic',
    broken: (world) => [...world, backupState(4)],
    fires: [{ volume: 'pvc-one', backup: 'bad' }],
    after: 0,
    // In progress, completed, unknown: none of them is an error.
    justWell: (world) => [
      ...world,
      backupState(5),
      { ...backupState(3), labels: { volume: 'pvc-two', backup: 'good' } },
    ],
    justTooMuch: (world) => [...world, backupState(4)],
    survives: LONGHORN,
  },
  {
    alert: 'LonghornVolumeBackupStale',
    cluster: 'attic',
    broken: lastBackup(BREAKS * 60 - 26 * 3600 - 1),
    fires: [{ volume: 'pvc-one' }],
    after: 0,
    justWell: lastBackup(180 * 60 - 26 * 3600),
    justTooMuch: lastBackup(180 * 60 - 26 * 3600 - 1),
    survives: LONGHORN,
  },
  {
    alert: 'LonghornVolumeNotCovered',
    cluster: 'homelab',
    broken: notCopied('pvc-one', Number.POSITIVE_INFINITY),
    fires: [{ ...VOLUME, recurring_job: 'daily-snapshot' }],
    after: FIRES - BREAKS,
    justWell: notCopied('pvc-one', FIRES),
    justTooMuch: notCopied('pvc-one', FIRES + 1),
    survives: LONGHORN,
    clocks: [],
    minutes: FIRES + 60,
  },
  {
    alert: 'LonghornExcludedVolumeCopied',
    cluster: 'attic',
    broken: (world) => excluded(world),
    fires: [{ volume: 'scratch', pvc: 'tmp', pvc_namespace: 'ci' }],
    after: OLD,
    justWell: (world) => excluded(world, OLD),
    justTooMuch: (world) => excluded(world, OLD + 1),
    // A restart of longhorn-manager begins the 26 hours anew. It is for information: a day later will do.
    survives: [],
    clocks: [],
    minutes: BREAKS + OLD + 30,
  },
];

/** For so many minutes. */
function unavailable(minutes: number) {
  return (world: World): World =>
    change(world, { metric: 'longhorn_backup_target_status' }, ({ values }) =>
      turn(
        BREAKS,
        values,
        turn(BREAKS + minutes, () => 1, values),
      ),
    );
}

function backupState(state: number) {
  return series(
    'longhorn_backup_state',
    { volume: 'pvc-one', backup: 'bad', recurring_job: 'daily-backup' },
    (minute) => (minute < BREAKS ? null : state),
  );
}

function lastBackup(second: number) {
  return (world: World): World =>
    change(world, { metric: 'longhorn_volume_last_backup_at', labels: { volume: VOLUME.volume } }, ({ values }) =>
      turn(BREAKS, values, second),
    );
}

/** The nightly backup and its drill: what Kubernetes says of their Jobs, and what the runs say of themselves. */
import { failedJob } from '../world/parts/cron-jobs.js';
import { change, gap, turn, type World, without } from '../world/world.js';
import { BREAKS, type Proof } from './proof.js';

const NAMESPACE = 'kube-system';
const NAME = 'local-path-backup';
const [OFFSITE, DRILL] = [`${NAME}-offsite`, `${NAME}-drill`];

const HOURS = 3600;
const RUNS = ['node-exporter', 'kube-state-metrics'] as const;
const KUBERNETES = ['kube-state-metrics'] as const;

/** At minute BREAKS the last success turns out to be so many seconds ago, and stays the last. */
const lastSuccess =
  (cronjob: string, secondsAgo: number) =>
  (world: World): World =>
    change(world, { metric: 'kube_cronjob_status_last_successful_time', labels: { cronjob } }, ({ values }) =>
      turn(BREAKS, values, BREAKS * 60 - secondsAgo),
    );

/** What a run wrote, from minute BREAKS on. */
const wrote =
  (metric: string, cronjob: string, value: number) =>
  (world: World): World =>
    change(world, { metric: `selfheal_backup_${metric}`, labels: { cronjob } }, ({ values }) =>
      turn(BREAKS, values, value),
    );

/** A Job that started so many seconds before or after the last success. */
const failed =
  (cronjob: string, afterSuccess: number) =>
  (world: World): World => [
    ...change(world, { metric: 'kube_cronjob_status_last_successful_time', labels: { cronjob } }, () => -1000),
    ...failedJob(NAMESPACE, cronjob, -1000 + afterSuccess, BREAKS),
  ];

const gone =
  (cronjob: string, minutes: number) =>
  (world: World): World =>
    ['kube_cronjob_created', 'kube_cronjob_status_last_successful_time', 'kube_cronjob_spec_suspend'].reduce(
      (before, metric) =>
        change(before, { metric, labels: { namespace: NAMESPACE, cronjob } }, ({ values }) =>
          gap(BREAKS, BREAKS + minutes, values),
        ),
      world,
    );

/** Fires once the last success is older than so many hours; the alert waits ten minutes more. */
const staleProof = (
  alert: string,
  cluster: string,
  cronjob: string,
  hours: number,
  prepare = (world: World) => world,
) =>
  ({
    alert,
    cluster,
    broken: (world) => lastSuccess(cronjob, hours * HOURS + 1)(prepare(world)),
    fires: [{ namespace: NAMESPACE, cronjob }],
    after: 10,
    // It succeeds again before its time is up, to the minute.
    justWell: (world) =>
      change(
        lastSuccess(cronjob, hours * HOURS - 30 * 60)(prepare(world)),
        { metric: 'kube_cronjob_status_last_successful_time', labels: { cronjob } },
        ({ values }) => turn(BREAKS + 40, values, (BREAKS + 40) * 60),
      ),
    justTooMuch: (world) =>
      change(
        lastSuccess(cronjob, hours * HOURS - 30 * 60)(prepare(world)),
        { metric: 'kube_cronjob_status_last_successful_time', labels: { cronjob } },
        ({ values }) => turn(BREAKS + 42, values, (BREAKS + 42) * 60),
      ),
    survives: KUBERNETES,
  }) satisfies Proof;

const failedProof = (alert: string, cluster: string, cronjob: string): Proof => ({
  alert,
  cluster,
  broken: failed(cronjob, 1),
  fires: [{ namespace: NAMESPACE, cronjob }],
  after: 0,
  justWell: failed(cronjob, 0),
  justTooMuch: failed(cronjob, 1),
  survives: RUNS,
});

/** Where the runs write nothing, Kubernetes' word has to do. */
const silentRuns =
  (cronjob: string) =>
  (world: World): World =>
    without(world, { metric: 'selfheal_backup_last_success_timestamp_seconds', labels: { cronjob } });

export const PROOFS: readonly Proof[] = [
  failedProof('LocalPathBackupFailed', 'homelab', NAME),
  failedProof('OffsiteBackupFailed', 'attic', OFFSITE),
  failedProof('BackupDrillFailed', 'homelab', DRILL),
  staleProof('BackupCronJobStale', 'pantry', NAME, 26),
  staleProof('BackupCronJobStale', 'homelab', NAME, 26, silentRuns(NAME)),
  staleProof('OffsiteBackupStale', 'attic', OFFSITE, 30, silentRuns(OFFSITE)),
  staleProof('BackupDrillStale', 'homelab', DRILL, 15 * 24),
  {
    alert: 'BackupCronJobMissing',
    cluster: 'homelab',
    broken: gone(NAME, 1000),
    fires: [{ namespace: NAMESPACE, cronjob: NAME }],
    after: 10,
    justWell: gone(NAME, 10),
    justTooMuch: gone(NAME, 11),
    survives: KUBERNETES,
  },
  {
    alert: 'LocalPathBackupStale',
    cluster: 'homelab',
    broken: wrote('last_success_timestamp_seconds', NAME, BREAKS * 60 - 26 * HOURS - 1),
    fires: [{ cronjob: NAME }],
    after: 10,
    // The drill's own time does not count, and a success that comes ten minutes late is still in time to be told.
    justWell: (world) =>
      change(
        wrote('last_success_timestamp_seconds', NAME, BREAKS * 60 - 26 * HOURS)(world),
        { metric: 'selfheal_backup_last_success_timestamp_seconds', labels: { cronjob: NAME } },
        ({ values }) => turn(BREAKS + 11, values, (BREAKS + 11) * 60),
      ),
    justTooMuch: (world) =>
      change(
        wrote('last_success_timestamp_seconds', NAME, BREAKS * 60 - 26 * HOURS)(world),
        { metric: 'selfheal_backup_last_success_timestamp_seconds', labels: { cronjob: NAME } },
        ({ values }) => turn(BREAKS + 12, values, (BREAKS + 12) * 60),
      ),
    survives: RUNS,
  },
  {
    alert: 'BackupServerRoomLow',
    cluster: 'homelab',
    broken: wrote('server_free_bytes', NAME, 1.25e11 - 1),
    fires: [{ cronjob: NAME }],
    after: 10,
    justWell: wrote('server_free_bytes', NAME, 1.25e11),
    justTooMuch: wrote('server_free_bytes', NAME, 1.25e11 - 1),
    survives: RUNS,
  },
  ...(
    [
      ['BackupHookFailed', 'hooks_failed', NAME],
      ['BackupVolumeTooLargeToDrill', 'drill_too_large_volumes', DRILL],
    ] as const
  ).map(
    ([alert, metric, cronjob]): Proof => ({
      alert,
      cluster: 'homelab',
      broken: wrote(metric, cronjob, 1),
      fires: [{ cronjob }],
      after: 10,
      justWell: wrote(metric, cronjob, 0),
      justTooMuch: wrote(metric, cronjob, 1),
      survives: RUNS,
    }),
  ),
  {
    alert: 'BackupDrillNotEqual',
    cluster: 'homelab',
    broken: wrote('drill_last_status', DRILL, 7),
    fires: [{ cronjob: DRILL }],
    after: 0,
    // Any other failure of a drill has an alert of its own.
    justWell: (world) => wrote('drill_last_status', DRILL, 6)(world),
    justTooMuch: wrote('drill_last_status', DRILL, 7),
    survives: RUNS,
  },
  {
    alert: 'BackupVolumeUnverified',
    cluster: 'homelab',
    broken: wrote('drill_oldest_verified_timestamp_seconds', DRILL, BREAKS * 60 - 180 * 24 * HOURS - 1),
    fires: [{ cronjob: DRILL }],
    after: 10,
    justWell: wrote('drill_oldest_verified_timestamp_seconds', DRILL, 180 * 60 - 180 * 24 * HOURS),
    justTooMuch: wrote('drill_oldest_verified_timestamp_seconds', DRILL, 180 * 60 - 180 * 24 * HOURS - 11 * 60),
    survives: RUNS,
  },
];

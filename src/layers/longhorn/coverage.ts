/** PromQL about volumes and the copies that a recurring job made of them: no metric says which job a volume is in. */
import type { Longhorn, RecurringJob } from '../../cluster/cluster.js';
import { type Duration, formatPromDuration } from '../../cluster/duration.js';
import { promql } from '../promql.js';
import { excludedVolumesSelector } from './excluded-volumes.js';

/** The copies that a job made and that Longhorn still knows, at an offset in PromQL's spelling. */
type Copies = (offset: string) => string;

/**
 * A job's snapshots begin with the first eight letters of `<name>-c`: two jobs that begin alike cannot be told apart.
 */
const snapshotsOf =
  ({ name }: RecurringJob): Copies =>
  (offset) =>
    `max by (volume, snapshot) (longhorn_snapshot_actual_size_bytes{snapshot=~"${`${name}-c`.slice(0, 8)}-.+"}${offset})`;

/** 3 is "completed": a backup counts from when it is. */
const backupsOf =
  ({ name }: RecurringJob): Copies =>
  (offset) =>
    `max by (volume, backup) (longhorn_backup_state{recurring_job="${name}"}${offset} == 3)`;

/** Volumes with a copy that was not there before. */
const withNew = (copies: Copies, within: Duration): string => promql`
  max by (volume) (
    ${copies('')}
    unless
    ${copies(` offset ${formatPromDuration(within)}`)}
  )`;

export const withNewSnapshot = (job: RecurringJob, within: Duration): string => withNew(snapshotsOf(job), within);

export const withNewBackup = (job: RecurringJob, within: Duration): string => withNew(backupsOf(job), within);

/** 3 is the number of "detached" that the one series had up to 1.10. */
const DETACHED = 'longhorn_volume_state{state="detached"} == 1 or longhorn_volume_state{state=""} == 3';

/** What an alert on missing copies leaves out: volumes that are excluded by name and, where so described, detached ones. */
export function notMeant(longhorn: Longhorn, within: Duration): string {
  const excluded = excludedVolumesSelector(longhorn);
  return [
    ...(excluded === null
      ? []
      : [
          promql`
      unless on (volume) (
        ${excluded}
      )`,
        ]),
    ...(longhorn.detachedVolumes === 'leave-out'
      ? // At the hour of the job it may have been detached.
        [
          promql`
          unless on (volume)
            count_over_time((${DETACHED})[${within}:5m])`,
        ]
      : []),
  ]
    .map((part) => `\n${part}`)
    .join('');
}

/** Where the job as a whole did not run, LonghornRecurringJobStale or -Missing says so once, not again for each volume. */
export const andRan = ({ namespace }: Longhorn, { name }: RecurringJob, within: Duration): string => promql`
  and on () (
    time() - max(kube_cronjob_status_last_successful_time{namespace="${namespace}",cronjob="${name}"}) <= ${within.seconds}
  )`;

/** Volumes that were there before. */
export const oldVolumes = (age: Duration): string => promql`
  max by (volume, pvc_namespace, pvc) (longhorn_volume_capacity_bytes)
  and on (volume)
    longhorn_volume_capacity_bytes offset ${age}`;

/** Alerts on what Kubernetes says of the CronJobs: one failed, has not succeeded for too long, is not there. */
import type { Backup, BackupCopy } from '../../cluster/backup.js';
import { type Duration, describeDuration, hours, minutes } from '../../cluster/duration.js';
import { cronJobStale, missing, promql } from '../promql.js';
import type { AlertRule } from '../rule-group.js';
import { hookFailed, lastSuccess, notEqual } from './metrics.js';

/** Rides over a restart of kube-state-metrics. */
const CONFIRMED = minutes(10);

/** Two drills were missed. */
const DRILL_STALE = hours(15 * 24);

export function jobAlerts(backup: Backup, hasMetrics: boolean): readonly AlertRule[] {
  const { namespace, from, name } = backup;
  const { drill, offsite } = backup.form === 'snapshots' ? backup : { drill: null, offsite: null };
  const names = [name, ...(offsite === null ? [] : [offsite.name]), ...(drill === null ? [] : [drill.name])];
  return [
    {
      kind: 'alert',
      name: 'LocalPathBackupFailed',
      expr: butFor(hasMetrics && hookFailed(name), failedSinceLastSuccess(namespace, name)),
      for: null,
      severity: 'warning',
      summary: 'The last run of the local-path backup failed.',
      description: `The Job of CronJob {{ $labels.namespace }}/{{ $labels.cronjob }} on ${from.name} failed and none has succeeded since. ${kept(backup)}`,
    },
    stale('BackupCronJobStale', 'local-path backup', namespace, backup, hasMetrics),
    {
      kind: 'alert',
      name: 'BackupCronJobMissing',
      expr: names
        .map((each) => missing(`kube_cronjob_created{namespace="${namespace}",cronjob="${each}"}`))
        .join('\nor\n'),
      for: CONFIRMED,
      severity: 'critical',
      summary: 'A CronJob of the local-path backup does not exist.',
      description: 'There is no CronJob {{ $labels.namespace }}/{{ $labels.cronjob }}: what it should do is not done.',
    },
    ...(offsite === null ? [] : offsiteAlerts(namespace, offsite, hasMetrics)),
    ...(drill === null ? [] : drillAlerts(namespace, drill.name, hasMetrics)),
  ];
}

const kept = ({ form, to }: Backup): string =>
  form === 'mirror'
    ? `The copy on ${to.host} is the one of the last good run.`
    : `The snapshots on ${to.host} are as they were, or a hook failed beside a good one: the log's last line says which.`;

const offsiteAlerts = (namespace: string, copy: BackupCopy, hasMetrics: boolean): readonly AlertRule[] => [
  {
    kind: 'alert',
    name: 'OffsiteBackupFailed',
    expr: butFor(hasMetrics && hookFailed(copy.name), failedSinceLastSuccess(namespace, copy.name)),
    for: null,
    severity: 'warning',
    summary: 'The last run of the backup to the second place failed.',
    description: `The Job of CronJob {{ $labels.namespace }}/{{ $labels.cronjob }} failed and none has succeeded since. The snapshots on ${copy.to.host} are as they were.`,
  },
  stale('OffsiteBackupStale', 'backup to the second place', namespace, copy, hasMetrics),
];

const drillAlerts = (namespace: string, name: string, hasMetrics: boolean): readonly AlertRule[] => [
  {
    kind: 'alert',
    name: 'BackupDrillFailed',
    expr: butFor(hasMetrics && notEqual(name), failedSinceLastSuccess(namespace, name)),
    for: null,
    severity: 'warning',
    summary: 'The last restore drill failed.',
    description:
      'The Job of CronJob {{ $labels.namespace }}/{{ $labels.cronjob }} failed and none has succeeded since: no volume was read back and found equal.',
  },
  {
    kind: 'alert',
    name: 'BackupDrillStale',
    expr: cronJobStale(`namespace="${namespace}",cronjob="${name}"`, DRILL_STALE),
    for: CONFIRMED,
    severity: 'warning',
    summary: `No restore drill has succeeded for ${describeDuration(DRILL_STALE)}.`,
    description:
      'The last good run of {{ $labels.namespace }}/{{ $labels.cronjob }} is {{ $value | humanizeDuration }} old: nobody knows whether the backups can be restored.',
  },
];

function stale(
  name: string,
  what: string,
  namespace: string,
  copy: { readonly name: string; readonly staleAfter: Duration },
  hasMetrics: boolean,
): AlertRule {
  const { staleAfter } = copy;
  const noJob = cronJobStale(`namespace="${namespace}",cronjob="${copy.name}"`, staleAfter);
  return {
    kind: 'alert',
    name,
    // Where the runs say when they last made a snapshot, LocalPathBackupStale knows better, and one alert is enough.
    expr: butFor(hasMetrics && lastSuccess(copy.name), noJob),
    for: CONFIRMED,
    severity: 'critical',
    summary: `The ${what} has not succeeded for ${describeDuration(staleAfter)}.`,
    description:
      'The last good run of {{ $labels.namespace }}/{{ $labels.cronjob }} is {{ $value | humanizeDuration }} old. Failing, hanging, suspended, or never started.',
  };
}

/** What has an alert of its own needs no second one. */
const butFor = (other: string | false, expr: string): string =>
  other === false
    ? expr
    : promql`
        (
          ${expr}
        )
        unless on (cronjob) (
          ${other}
        )`;

/** Clears with the next success. kube_job_status_failed would count failed pods, also of a Job that then succeeded. */
const failedSinceLastSuccess = (namespace: string, name: string): string => promql`
  max by (namespace, cronjob) (
    max by (namespace, job_name) (kube_job_status_start_time{namespace="${namespace}"})
    * on (namespace, job_name) group_left (cronjob)
      label_replace(
        max by (namespace, job_name, owner_name) (
          kube_job_owner{namespace="${namespace}",owner_kind="CronJob",owner_name="${name}"}
        ),
        "cronjob", "$1", "owner_name", "(.+)"
      )
    and on (namespace, job_name)
      (max by (namespace, job_name) (kube_job_failed{namespace="${namespace}",condition="true"}) == 1)
  )
  > on (namespace, cronjob) (
    max by (namespace, cronjob) (kube_cronjob_status_last_successful_time{namespace="${namespace}",cronjob="${name}"})
    or
    max by (namespace, cronjob) (kube_cronjob_created{namespace="${namespace}",cronjob="${name}"})
  )`;

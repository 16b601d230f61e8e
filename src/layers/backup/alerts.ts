/** Alerts on the nightly copy: it failed, it has not succeeded for too long, it is not there. */
import type { Backup } from '../../cluster/backup.js';
import type { Cluster } from '../../cluster/cluster.js';
import { describeDuration, minutes } from '../../cluster/duration.js';
import { cronJobStale, missing, promql } from '../promql.js';
import { type RuleGroup, ruleGroups } from '../rule-group.js';

/** Rides over a restart of kube-state-metrics. */
const CONFIRMED = minutes(10);

export const backupAlerts = ({ backup }: Cluster): readonly RuleGroup[] => {
  if (backup === null) return [];
  const cronJob = `namespace="${backup.namespace}",cronjob="${backup.name}"`;
  return ruleGroups('backup', [
    {
      kind: 'alert',
      name: 'LocalPathBackupFailed',
      expr: failedSinceLastSuccess(backup),
      for: null,
      severity: 'warning',
      summary: 'The last run of the local-path backup failed.',
      description: `The Job of CronJob {{ $labels.namespace }}/{{ $labels.cronjob }} on ${backup.from.name} failed and none has succeeded since. The copy on ${backup.to.host} is the one of the last good run.`,
    },
    {
      kind: 'alert',
      name: 'BackupCronJobStale',
      expr: cronJobStale(cronJob, backup.staleAfter),
      for: CONFIRMED,
      severity: 'critical',
      summary: `The local-path backup has not succeeded for ${describeDuration(backup.staleAfter)}.`,
      description:
        'The last good run of {{ $labels.namespace }}/{{ $labels.cronjob }} is {{ $value | humanizeDuration }} old. Failing, hanging, suspended, or never started.',
    },
    {
      kind: 'alert',
      name: 'BackupCronJobMissing',
      expr: missing(`kube_cronjob_created{${cronJob}}`),
      for: CONFIRMED,
      severity: 'critical',
      summary: 'The CronJob of the local-path backup does not exist.',
      description: 'There is no CronJob {{ $labels.namespace }}/{{ $labels.cronjob }}: no backup is being made.',
    },
  ]);
};

/** Clears with the next success. kube_job_status_failed would count failed pods, also of a Job that then succeeded. */
const failedSinceLastSuccess = ({ namespace, name }: Backup): string => promql`
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

/** The metrics that the scripts leave for node-exporter, as alerts and dashboards ask for them. */
import { promql } from '../promql.js';

/**
 * What the newest run says, by CronJob: what node-exporter adds differs from cluster to cluster. The file of a node that
 * `from` named once stays there, and would speak for ever.
 */
export function metric(name: string, cronJob: string): string {
  const run = name.startsWith('drill_') ? 'drill_last_run' : 'last_run';
  return promql`
    max by (cronjob) (
      selfheal_backup_${name}{cronjob="${cronJob}"}
      and on (instance)
        topk(1, selfheal_backup_${run}_timestamp_seconds{cronjob="${cronJob}"})
    )`;
}

/** When a snapshot was last taken, or nothing had changed since the one before; from whichever node. */
export const lastSuccess = (cronJob: string): string =>
  `max by (cronjob) (selfheal_backup_last_success_timestamp_seconds{cronjob="${cronJob}"})`;

/** Exit statuses that have an alert of their own, by the metric that tells them. */
export const hookFailed = (cronJob: string): string => promql`${metric('last_status', cronJob)} == 6`;
export const notEqual = (cronJob: string): string => promql`${metric('drill_last_status', cronJob)} == 7`;

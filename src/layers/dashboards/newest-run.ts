/** What the newest run of each CronJob left for node-exporter. The file of a node that it ran on once stays there. */
import { anyOf, promql } from '../promql.js';

export const ofNewestRun = (metric: string, cronJobs: readonly string[], ...labels: readonly string[]): string => {
  const run = metric.startsWith('drill_') ? 'drill_last_run' : 'last_run';
  const of = `{cronjob=~"${anyOf(cronJobs)}"}`;
  return promql`
    max by (${['cronjob', ...labels].join(', ')}) (
      selfheal_backup_${metric}${of}
      and on (instance, cronjob)
        topk by (cronjob) (1, selfheal_backup_${run}_timestamp_seconds${of})
    )`;
};

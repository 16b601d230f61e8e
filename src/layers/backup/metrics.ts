/** The metrics that the scripts leave for node-exporter, as alerts and dashboards ask for them. */

/** By CronJob: what node-exporter adds differs from cluster to cluster. */
export const metric = (name: string, cronJob: string): string =>
  `max by (cronjob) (selfheal_backup_${name}{cronjob="${cronJob}"})`;

/** When a snapshot was last taken, or nothing had changed since the one before. */
export const lastSuccess = (cronJob: string): string => metric('last_success_timestamp_seconds', cronJob);

/** Alerts on the backups: what Kubernetes says of their Jobs, and what the runs say of themselves. */
import type { Cluster } from '../../cluster/cluster.js';
import { type RuleGroup, ruleGroups } from '../rule-group.js';
import { jobAlerts } from './job-alerts.js';
import { metricAlerts } from './metric-alerts.js';

export function backupAlerts({ backup, monitoring }: Cluster): readonly RuleGroup[] {
  if (backup === null) return [];
  const told = backup.form === 'snapshots' ? backup : null;
  return ruleGroups('backup', [
    // Where nobody reads what the runs write, Kubernetes' word on their Jobs has to do.
    ...jobAlerts(backup, told !== null && (monitoring?.textfileCollector ?? false)),
    ...(told === null ? [] : metricAlerts(told)),
  ]);
}

/** Alerts on the backups: what Kubernetes says of their Jobs, and what the runs say of themselves. */
import type { Cluster } from '../../cluster/cluster.js';
import { type RuleGroup, ruleGroups } from '../rule-group.js';
import { jobAlerts } from './job-alerts.js';
import { metricAlerts } from './metric-alerts.js';

export function backupAlerts({ backup, monitoring }: Cluster): readonly RuleGroup[] {
  if (backup === null) return [];
  // Without the textfile collector nobody reads what the runs write, and an alert on it could never be true.
  const told = backup.form === 'snapshots' && (monitoring?.textfileCollector ?? false) ? backup : null;
  return ruleGroups('backup', [...jobAlerts(backup, told !== null), ...(told === null ? [] : metricAlerts(told))]);
}

/** Alerts on Longhorn's volumes, its recurring jobs and, where there is a target, its backups. */
import type { Cluster, Longhorn } from '../../cluster/cluster.js';
import { describeDuration, hours, minutes } from '../../cluster/duration.js';
import { cronJobStale, longhornVolumes, missing } from '../promql.js';
import type { RuleGroup } from '../rule-group.js';
import { type AlertRule, ruleGroups } from '../rule-group.js';
import { backupAlerts } from './backup-alerts.js';
import { coverageAlerts } from './coverage-alerts.js';

/** Daily jobs, and two hours in which a run may take its time. */
const STALE_AFTER = hours(26);

export function longhornAlerts({ longhorn }: Cluster): readonly RuleGroup[] {
  if (longhorn === null) return [];
  return ruleGroups('longhorn', [
    DEGRADED,
    FAULTED,
    METRICS_MISSING,
    ...recurringJobs(longhorn),
    ...coverageAlerts(longhorn, STALE_AFTER),
    ...(longhorn.backupTarget.kind === 's3' ? backupAlerts(longhorn, STALE_AFTER) : []),
  ]);
}

/** Longhorn waits ten minutes for a lost replica to come back before it builds a new one, which takes its time on a Pi. */
const REBUILT = minutes(45);

const DEGRADED: AlertRule = {
  kind: 'alert',
  name: 'LonghornVolumeDegraded',
  expr: longhornVolumes('degraded'),
  for: REBUILT,
  severity: 'warning',
  summary: `A Longhorn volume has had too few replicas for ${describeDuration(REBUILT)}.`,
  description: 'Volume {{ $labels.volume }} ({{ $labels.pvc_namespace }}/{{ $labels.pvc }}) is degraded.',
};

/** A planned reboot takes less, and a volume whose only replica is on that node comes back with it. */
const DOES_NOT_COME_BACK = minutes(10);

const FAULTED: AlertRule = {
  kind: 'alert',
  name: 'LonghornVolumeFaulted',
  expr: longhornVolumes('faulted'),
  for: DOES_NOT_COME_BACK,
  severity: 'critical',
  summary: `A Longhorn volume has had no usable replica for ${describeDuration(DOES_NOT_COME_BACK)}.`,
  description:
    'Volume {{ $labels.volume }} ({{ $labels.pvc_namespace }}/{{ $labels.pvc }}) is faulted: what uses it stands still.',
};

/** Longer than an upgrade of Longhorn. */
const UNSEEN = minutes(30);

const METRICS_MISSING: AlertRule = {
  kind: 'alert',
  name: 'LonghornMetricsMissing',
  expr: missing('longhorn_node_status'),
  for: UNSEEN,
  severity: 'warning',
  summary: `Prometheus has had no metrics of Longhorn for ${describeDuration(UNSEEN)}.`,
  description:
    'The alerts on Longhorn volumes cannot fire. Either no ServiceMonitor selects longhorn-manager, or Longhorn is down.',
};

/** Longhorn runs each recurring job as a CronJob of the same name, which kube-state-metrics sees in every version. */
function recurringJobs({ namespace, dailySnapshot, backupTarget }: Longhorn): readonly AlertRule[] {
  const jobs = [
    ...(dailySnapshot ? [dailySnapshot] : []),
    ...(backupTarget.kind === 's3' ? [backupTarget.backup] : []),
  ];
  if (jobs.length === 0) return [];
  const selectors = jobs.map(({ name }) => `namespace="${namespace}",cronjob="${name}"`);
  return [
    {
      kind: 'alert',
      name: 'LonghornRecurringJobStale',
      expr: selectors.map((selector) => cronJobStale(selector, STALE_AFTER)).join('\nor\n'),
      for: minutes(10),
      severity: 'warning',
      summary: `A daily recurring job of Longhorn has not succeeded for ${describeDuration(STALE_AFTER)}.`,
      description:
        'The last good run of {{ $labels.namespace }}/{{ $labels.cronjob }} is {{ $value | humanizeDuration }} old.',
    },
    {
      kind: 'alert',
      name: 'LonghornRecurringJobMissing',
      expr: selectors.map((selector) => missing(`kube_cronjob_created{${selector}}`)).join('\nor\n'),
      for: UNSEEN,
      severity: 'warning',
      summary: 'A recurring job of Longhorn has no CronJob.',
      description:
        'Longhorn made no CronJob {{ $labels.namespace }}/{{ $labels.cronjob }} of the RecurringJob of that name: nothing runs.',
    },
  ];
}

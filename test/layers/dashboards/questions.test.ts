/** What each board must answer. A query that goes, comes or asks something else is a change that somebody reviews here. */
import { parser } from '@prometheus-io/lezer-promql';
import { expect, test } from 'vitest';
import { dashboardsOf } from '../../../src/layers/dashboards/dashboard-config-maps.js';
import type { PanelSpec } from '../../../src/layers/dashboards/panel.js';
import { ALERTED } from '../../support/alerts.js';

/** Of each panel, for each query the metrics that it reads; a table's queries by their columns. */
const QUESTIONS = {
  health: {
    'Critical alerts': ['ALERTS node:node_uptime_seconds:max'],
    Warnings: ['ALERTS node:node_uptime_seconds:max'],
    'Nodes not Ready': ['kube_node_status_condition'],
    'Dark from outside': ['probe_success'],
    'Pods nobody scheduled': [
      'kube_persistentvolumeclaim_status_phase kube_pod_created kube_pod_spec_volumes_persistentvolumeclaims_info kube_pod_status_phase kube_pod_status_scheduled',
    ],
    'Exporters not seen': ['up'],
    'What is firing, the oldest first': ['For: ALERTS ALERTS_FOR_STATE'],
    'What fired when': ['ALERTS'],
    Nodes: [
      'Kubernetes says: kube_node_status_condition',
      'From outside: probe_success',
      'Planned: kube_node_info node:selfheal_planned:max',
      'Up for: node:node_uptime_seconds:max',
      'Boots in 6 h: node:node_uptime_seconds:max',
      'Hardware watchdog: node:node_uptime_seconds:max node_watchdog_info',
      'Watchdog reboots left: selfheal_watchdog_budget_remaining',
      'Not as in Git: selfheal_bootstrap_items',
    ],
    Uptime: ['node:node_uptime_seconds:max'],
    'Container restarts in an hour, by namespace': ['kube_pod_container_status_restarts_total'],
    'CoreDNS replicas': ['kube_deployment_status_replicas_available'],
    'Nodes with CoreDNS': ['kube_pod_status_ready'],
    'Leases renewed, in 3 min': ['kube_lease_renew_time'],
    'Who holds the leases': ['Held: kube_lease_owner'],
    'Failing requests to the datastore': ['etcd_request_errors_total etcd_requests_total'],
    'Sandboxes that could not be made, in 5 min': [
      'kubelet_run_podsandbox_errors_total kubelet_runtime_operations_errors_total',
    ],
    'Longhorn volumes degraded': ['longhorn_volume_robustness'],
    'Longhorn volumes faulted': ['longhorn_volume_robustness'],
    'Last good backup': ['kube_cronjob_status_last_successful_time'],
    'Longhorn volumes degraded or faulted': ['longhorn_volume_robustness', 'longhorn_volume_robustness'],
    'Fewest ready replicas of a Jiva volume': ['kube_statefulset_status_replicas_ready'],
    'Ready replicas of Jiva volumes': ['kube_statefulset_status_replicas_ready'],
  },
  node: {
    'Up for': ['node:node_uptime_seconds:max'],
    'Boots in 6 hours': ['node:node_uptime_seconds:max'],
    'Hardware watchdog': ['node_watchdog_info node_watchdog_timeout_seconds'],
    'Not as in Git': ['selfheal_bootstrap_items'],
    Clock: ['node_timex_sync_status'],
    'Reboots left': ['selfheal_watchdog_budget_remaining'],
    'Wants to reboot': ['selfheal_watchdog_held'],
    'Network, by its own word': ['selfheal_watchdog_black_hole'],
    'Last wrote its metrics': ['node_textfile_mtime_seconds node_time_seconds'],
    'Reports kept': ['selfheal_watchdog_evidence_files'],
    'Stalled grace periods, in 10 min': ['selfheal_watchdog_events_total'],
    'How near to a reboot': ['selfheal_watchdog_stalls selfheal_watchdog_threshold'],
    'What else the kernel said, in an hour': ['selfheal_watchdog_events_total'],
    'Why it rebooted: the reports on the node': ['Written ago: selfheal_watchdog_evidence_timestamp_seconds'],
    'Sandboxes that could not be made, in 5 min': [
      'kubelet_run_podsandbox_errors_total kubelet_runtime_operations_errors_total',
    ],
    'Container restarts in an hour': ['kube_pod_container_status_restarts_total'],
    Uptime: ['node:node_uptime_seconds:max'],
    'Tasks blocked in the kernel': ['node_procs_blocked'],
    'CPU in use': ['node_cpu_seconds_total'],
    'Memory in use': ['node_memory_MemAvailable_bytes node_memory_MemTotal_bytes'],
    'NFS calls of the kernel, in 10 min': ['node_nfs_rpcs_total'],
  },
  backups: {
    'Newest good snapshot': ['selfheal_backup_last_success_timestamp_seconds'],
    'How the last run ended': ['selfheal_backup_last_run_timestamp_seconds selfheal_backup_last_status'],
    'Free over there, of its reserve': [
      'selfheal_backup_last_run_timestamp_seconds selfheal_backup_server_free_bytes selfheal_backup_server_reserve_bytes',
    ],
    'Hooks that failed': ['selfheal_backup_hooks_failed selfheal_backup_last_run_timestamp_seconds'],
    'Size of what is backed up': ['selfheal_backup_bytes selfheal_backup_last_run_timestamp_seconds'],
    'Sent by the last run': ['selfheal_backup_last_run_timestamp_seconds selfheal_backup_sent_bytes'],
    'Files that changed while they were read': [
      'Files: selfheal_backup_changing_files selfheal_backup_last_run_timestamp_seconds',
    ],
    'Last good drill': ['kube_cronjob_status_last_successful_time'],
    'What it found': ['selfheal_backup_drill_last_run_timestamp_seconds selfheal_backup_drill_last_status'],
    'Longest without a drill': [
      'selfheal_backup_drill_last_run_timestamp_seconds selfheal_backup_drill_oldest_verified_timestamp_seconds',
    ],
    'Too large to be read back': [
      'selfheal_backup_drill_last_run_timestamp_seconds selfheal_backup_drill_too_large_volumes',
    ],
    'Each volume': [
      'Found equal, ago: selfheal_backup_drill_last_run_timestamp_seconds selfheal_backup_drill_volume_verified_timestamp_seconds',
      'Last found: selfheal_backup_drill_last_run_timestamp_seconds selfheal_backup_drill_volume_bad',
    ],
    CronJobs: [
      'Last succeeded, ago: kube_cronjob_status_last_successful_time',
      'Next run in: kube_cronjob_next_schedule_time',
      'Suspended: kube_cronjob_spec_suspend',
    ],
    'Backup last succeeded, ago': ['kube_cronjob_status_last_successful_time'],
    'How long a run took': ['kube_job_status_completion_time kube_job_status_start_time'],
    'Recurring jobs last succeeded, ago': ['kube_cronjob_status_last_successful_time'],
    'Backups with an error': ['longhorn_backup_state longhorn_node_status'],
    "Each volume's last backup": ['Ago: longhorn_volume_last_backup_at'],
  },
};

/** Which pod is on which node is asked with most of them, and is no question of its own. */
const ASIDE = 'kube_pod_info';

function metricsOf(expr: string): string {
  const text = expr.replaceAll('$__rate_interval', '5m');
  const found = new Set<string>();
  parser.parse(text).iterate({
    enter: ({ name, node }) => {
      const metric = name === 'VectorSelector' ? node.getChild('Identifier') : null;
      if (metric) found.add(text.slice(metric.from, metric.to));
    },
  });
  return [...found]
    .filter((metric) => metric !== ASIDE)
    .sort()
    .join(' ');
}

const asks = (panel: PanelSpec): readonly string[] =>
  panel.kind === 'table'
    ? panel.columns.map(({ title, expr }) => `${title}: ${metricsOf(expr)}`)
    : panel.queries.map(({ expr }) => metricsOf(expr));

test.each(Object.entries(QUESTIONS))('the board %s asks these questions and no others', (board, questions) => {
  const asked = new Map<string, readonly string[]>();
  for (const make of ALERTED.values())
    for (const { panels } of dashboardsOf(make()).find((each) => each.board === board)?.rows ?? [])
      for (const panel of panels) {
        // Not every cluster has everything: what the fullest panel of a title asks is what is meant.
        const found = asks(panel);
        if (found.length > (asked.get(panel.title)?.length ?? 0)) asked.set(panel.title, found);
      }

  expect(Object.fromEntries(asked)).toEqual(questions);
});

test('no two panels of a board have the same title', () => {
  for (const make of ALERTED.values())
    for (const { rows } of dashboardsOf(make())) {
      const titles = rows.flatMap(({ panels }) => panels.map(({ title }) => title));
      expect(new Set(titles).size).toBe(titles.length);
    }
});

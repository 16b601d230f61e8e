/** Alerts on exporters that say nothing: what lives from them would be silent, and look as if all were well. */
import { describeDuration, minutes } from '../../cluster/duration.js';
import { promql, UPTIME } from '../promql.js';
import type { AlertRule } from '../rule-group.js';

/** Longer than an exporter takes after a reboot, with its image pulled anew. */
const UNSEEN_FOR = minutes(15);

/** A node that is not Ready has alerts of its own, and its exporter cannot run. */
const NODE_METRICS_MISSING: AlertRule = {
  kind: 'alert',
  name: 'NodeMetricsMissing',
  expr: promql`
    max by (node) (kube_node_info)
    unless on (node) ${UPTIME}
    unless on (node)
      (max by (node) (kube_node_status_condition{condition="Ready",status="true"}) == 0)`,
  for: UNSEEN_FOR,
  severity: 'warning',
  summary: `A node is Ready, and Prometheus has had no metrics of its node-exporter for ${describeDuration(UNSEEN_FOR)}.`,
  description:
    'The alerts on reboots, watchdogs, kernel and host of {{ $labels.node }} cannot fire. Its exporter is not running or not scraped, or its pod cannot be told from the series.',
};

const KUBE_STATE_METRICS_MISSING: AlertRule = {
  kind: 'alert',
  name: 'KubeStateMetricsMissing',
  expr: 'absent(kube_node_info)',
  for: UNSEEN_FOR,
  severity: 'warning',
  summary: `Prometheus has had no metrics of kube-state-metrics for ${describeDuration(UNSEEN_FOR)}.`,
  description:
    'No alert that says of which node or pod it speaks can fire: kube-state-metrics is down, or it is not scraped.',
};

export const MISSING_METRICS: readonly AlertRule[] = [NODE_METRICS_MISSING, KUBE_STATE_METRICS_MISSING];

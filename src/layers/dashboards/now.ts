/** What somebody who was woken looks at first. Everything here is zero on a good day, and empty where nobody knows. */
import type { Cluster } from '../../cluster/cluster.js';
import { describeDuration } from '../../cluster/duration.js';
import { promql, UPTIME } from '../promql.js';
import { UNTOUCHED, UNTOUCHED_PODS, UNTOUCHED_WITH_CLAIM } from '../untouched-pods.js';
import { type PanelSpec, type Part, sideBySide } from './panel.js';

export const nowPanels = ({ reachability }: Cluster): readonly PanelSpec[] => [
  ...sideBySide(
    firing('critical', 'bad'),
    firing('warning', 'worth a look'),
    NOT_READY,
    ...(reachability?.prober ? [DARK] : []),
    NOT_LOOKED_AT,
    BLIND,
  ),
  FIRING,
  FIRED,
];

/** Zero is said only while our own rules are evaluated: no rules, no alerts, and no reason to be glad. */
const firing = (severity: 'critical' | 'warning', is: 'bad' | 'worth a look'): Part => ({
  kind: 'stat',
  title: severity === 'critical' ? 'Critical alerts' : 'Warnings',
  description: `Alerts of severity ${severity} that fire. None is normal; which they are stands below. No number: the rules are not evaluated.`,
  queries: [
    {
      expr: promql`count(ALERTS{alertstate="firing",severity="${severity}"}) or 0 * count(${UPTIME})`,
      legend: 'firing',
    },
  ],
  unit: 'short',
  from: [{ at: 1, is, alert: null }],
});

const NOT_READY: Part = {
  kind: 'stat',
  title: 'Nodes not Ready',
  description:
    'Nodes whose Ready condition is not true. Zero is normal; one is normal while a node reboots. Which one stands in the table of nodes.',
  queries: [
    {
      expr: 'sum(max by (node) (kube_node_status_condition{condition="Ready",status="true"}) == bool 0)',
      legend: 'nodes',
    },
  ],
  unit: 'short',
  from: [{ at: 1, is: 'bad', alert: null }],
};

const DARK: Part = {
  kind: 'stat',
  title: 'Dark from outside',
  description:
    'Nodes that do not answer the prober outside the cluster. Zero is normal. In the black hole a node was Ready for minutes after it had gone dark. No number: the prober itself is silent.',
  queries: [
    {
      expr: 'sum(max by (node, instance) (probe_success{job="selfheal-reachability"}) == bool 0)',
      legend: 'nodes',
    },
  ],
  unit: 'short',
  from: [{ at: 1, is: 'bad', alert: 'NodeUnreachableFromOutside', counts: true }],
};

const NOT_LOOKED_AT: Part = {
  kind: 'stat',
  title: 'Pods nobody scheduled',
  description: `Pending for ${describeDuration(UNTOUCHED)} without any word of the scheduler, not even a refusal: it has stalled. Those with a claim that is not bound count after ${describeDuration(UNTOUCHED_WITH_CLAIM)}. Zero is normal. Restart Kubernetes on the node that holds its lease.`,
  queries: [
    {
      expr: promql`
        count(
          ${UNTOUCHED_PODS}
        )
        or 0 * count(kube_pod_info)`,
      legend: 'pods',
    },
  ],
  unit: 'short',
  from: [{ at: 1, is: 'bad', alert: 'SchedulerNotProcessingPods', counts: true }],
};

const BLIND: Part = {
  kind: 'stat',
  title: 'Exporters not seen',
  description:
    'Targets that Prometheus cannot scrape. Zero is normal. What they would have said is unknown: panels below may be empty for that reason alone.',
  queries: [{ expr: 'sum(up == bool 0)', legend: 'targets' }],
  unit: 'short',
  from: [{ at: 1, is: 'worth a look', alert: null }],
};

const FIRING: PanelSpec = {
  kind: 'table',
  title: 'What is firing, the oldest first',
  description:
    'What began first is often what brought the rest. The runbook says what to do; the node leads to its board.',
  width: 12,
  height: 8,
  labels: [
    { label: 'alertname', title: 'Alert' },
    { label: 'severity', title: 'Severity' },
    { label: 'node', title: 'Node', leadsTo: 'node' },
    { label: 'runbook', title: 'Runbook', leadsTo: 'runbook' },
  ],
  columns: [
    {
      title: 'For',
      expr: promql`
        label_replace(
          max by (alertname, severity, node) (
            time() - ALERTS_FOR_STATE
            and on (alertname, severity, node) ALERTS{alertstate="firing",severity=~"warning|critical"}
          ),
          "runbook", "$1", "alertname", "(.+)"
        )`,
      unit: 's',
    },
  ],
  sortedBy: { title: 'For', first: 'highest' },
  emptyMeans: 'Nothing fires',
};

const FIRED: PanelSpec = {
  kind: 'timeline',
  title: 'What fired when',
  description: 'A bar for each alert while it fired. Read it from the left: the first bar is where to begin.',
  width: 12,
  queries: [
    {
      expr: 'max by (alertname, node) (ALERTS{alertstate="firing",severity=~"warning|critical"})',
      legend: '{{alertname}} {{node}}',
    },
  ],
  unit: 'short',
  words: { 1: { text: 'firing', is: 'bad' } },
  emptyMeans: 'Nothing fired',
};

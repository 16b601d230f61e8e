/** One ConfigMap for each dashboard. */
import type { App } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { ApplicationChart } from '../../argo/application-chart.js';
import type { Cluster, Monitoring } from '../../cluster/cluster.js';
import type { RuleGroup } from '../rule-group.js';
import { backupsDashboard } from './backups.js';
import { keyOf } from './boards.js';
import { dashboardJson } from './dashboard.js';
import { healthDashboard } from './health.js';
import { nodeDashboard } from './node.js';

/** The sidecar of kube-prometheus-stack loads what carries this label, from every namespace. */
const LABELS = { grafana_dashboard: '1' };

/** Heeded where the chart sets `sidecar.dashboards.folderAnnotation: grafana_folder`; ignored elsewhere. */
const ANNOTATIONS = { grafana_folder: 'selfheal' };

export function addDashboards(app: App, cluster: Cluster, monitoring: Monitoring, groups: readonly RuleGroup[]): void {
  const { namespace, runbookBaseUrl } = monitoring;
  const chart = new ApplicationChart(app, 'dashboards', {
    ownership: 'owned',
    description: 'Grafana dashboards of the healing layer.',
    namespaces: [namespace],
  });
  const alerts = groups.flatMap(({ rules }) => rules.flatMap((rule) => (rule.kind === 'alert' ? rule.name : [])));
  const place = { cluster: cluster.name, runbookBaseUrl, alerts: [...new Set(alerts)].sort() };
  for (const spec of dashboardsOf(cluster)) {
    new k8s.KubeConfigMap(chart, spec.board, {
      metadata: { name: `selfheal-dashboard-${spec.board}`, namespace, labels: LABELS, annotations: ANNOTATIONS },
      data: { [`${keyOf(cluster.name, spec.board)}.json`]: dashboardJson(spec, place) },
    });
  }
}

/** A board without a panel is none. */
export const dashboardsOf = (cluster: Cluster) =>
  [healthDashboard(cluster), nodeDashboard(cluster), backupsDashboard(cluster)].filter(({ rows }) => rows.length > 0);

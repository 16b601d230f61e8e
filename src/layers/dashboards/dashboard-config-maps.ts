/** One ConfigMap for each dashboard. */
import type { App } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { ApplicationChart } from '../../argo/application-chart.js';
import type { Cluster, Monitoring } from '../../cluster/cluster.js';
import { backupsDashboard } from './backups.js';
import { type DashboardSpec, dashboardJson } from './dashboard.js';
import { healthDashboard } from './health.js';
import { nodeDashboard } from './node.js';

/** The sidecar of kube-prometheus-stack loads what carries this label, from every namespace. */
const LABELS = { grafana_dashboard: '1' };

/** Heeded where the chart sets `sidecar.dashboards.folderAnnotation: grafana_folder`; ignored elsewhere. */
const ANNOTATIONS = { grafana_folder: 'selfheal' };

type Draw = (cluster: Cluster) => Omit<DashboardSpec, 'uid'> | null;

const DASHBOARDS: Readonly<Record<string, Draw>> = {
  health: healthDashboard,
  node: nodeDashboard,
  backups: backupsDashboard,
};

export function addDashboards(app: App, cluster: Cluster, { namespace }: Monitoring): void {
  const chart = new ApplicationChart(app, 'dashboards', {
    ownership: 'owned',
    description: 'Grafana dashboards of the healing layer.',
    namespaces: [namespace],
  });
  for (const [name, draw] of Object.entries(DASHBOARDS)) {
    const drawn = draw(cluster);
    if (drawn === null) continue;
    // The sidecar writes every dashboard into one folder by this key: two of one name would overwrite each other.
    const key = `${cluster.name}-${name}`;
    new k8s.KubeConfigMap(chart, name, {
      metadata: { name: `selfheal-dashboard-${name}`, namespace, labels: LABELS, annotations: ANNOTATIONS },
      data: { [`${key}.json`]: dashboardJson({ ...drawn, uid: uidOf(key) }) },
    });
  }
}

/** Grafana takes 40 characters; of a name that is longer the end tells the dashboards of a cluster apart. */
const uidOf = (key: string): string => `selfheal-${key}`.slice(-40);

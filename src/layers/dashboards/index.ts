/** Dashboards in Git, as ConfigMaps that Grafana's sidecar loads. */
import type { Layer } from '../layer.js';
import { addDashboards } from './dashboard-config-maps.js';

export const dashboards: Layer = {
  name: 'dashboards',
  build: (app, cluster, { alerts }) => {
    if (cluster.monitoring !== null) addDashboards(app, cluster, cluster.monitoring, alerts);
  },
};

/** The cluster at a glance: what is wrong, since when, on which node, and where to look next. */
import type { Cluster } from '../../cluster/cluster.js';
import { controlPlanePanels } from './control-plane.js';
import type { DashboardSpec } from './dashboard.js';
import { nodeOverview } from './node-overview.js';
import { nowPanels } from './now.js';
import { storagePanels } from './storage.js';

export const healthDashboard = (cluster: Cluster): DashboardSpec => ({
  board: 'health',
  title: `${cluster.name}: health`,
  description: `Whether ${cluster.name} is well, and if not, since when and where to look. Click a node to see it alone.`,
  rows: [
    { title: 'What is wrong', panels: nowPanels(cluster) },
    { title: 'Nodes', panels: nodeOverview(cluster) },
    { title: 'Control plane and network', panels: controlPlanePanels(cluster) },
    { title: 'Storage and backups', panels: storagePanels(cluster) },
  ].filter(({ panels }) => panels.length > 0),
});

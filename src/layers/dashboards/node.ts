/** One node, or all of them: reboots and why, stalls, sandboxes, load, the state of the host. */
import type { Cluster } from '../../cluster/cluster.js';
import type { DashboardSpec } from './dashboard.js';
import { LOAD } from './node-load.js';
import { hostNow, watchdogNow } from './node-now.js';
import { REBOOTS, RUNTIME, stallPanels } from './node-stalls.js';
import type { PanelSpec } from './panel.js';

export function nodeDashboard(cluster: Cluster): DashboardSpec {
  const told = cluster.monitoring?.textfileCollector ?? false;
  const watched = told && cluster.hosts.some(({ rcuWatchdog }) => rcuWatchdog !== null);
  const rows: readonly { readonly title: string; readonly panels: readonly PanelSpec[] }[] = [
    { title: 'The host now', panels: hostNow(cluster, told) },
    { title: 'The watchdog now', panels: watched ? watchdogNow(cluster) : [] },
    { title: 'RCU stalls', panels: watched ? stallPanels() : [] },
    { title: 'Sandboxes and containers', panels: RUNTIME },
    { title: 'Reboots and load', panels: [REBOOTS, ...LOAD] },
  ];
  return {
    board: 'node',
    title: `${cluster.name}: nodes`,
    description: 'Reboots and why, kernel stalls, sandboxes, load and the state of the host. Choose the node above.',
    rows: rows.filter(({ panels }) => panels.length > 0),
  };
}

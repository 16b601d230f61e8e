/** Brings what all layers want of a host onto the host, by a DaemonSet for each set of nodes. */
import { ApplicationChart } from '../../argo/application-chart.js';
import { NOTHING } from '../../host/host-state.js';
import type { Layer } from '../layer.js';
import { nodeBootstrapAlerts } from './alerts.js';
import { NODE_BOOTSTRAP_NAMESPACE, NodeBootstrap } from './node-bootstrap.js';
import { payloadOf } from './payload.js';

export const nodeBootstrap: Layer = {
  name: 'node-bootstrap',
  alerts: nodeBootstrapAlerts,
  build: (app, { hosts, images }, contributions) => {
    if (hosts.length === 0) return;
    const chart = new ApplicationChart(app, 'node-bootstrap', {
      ownership: 'owned',
      description: 'Brings units, scripts, sysctls and kernel arguments to the hosts and keeps them there.',
      namespaces: [NODE_BOOTSTRAP_NAMESPACE],
    });
    for (const group of hosts) {
      new NodeBootstrap(chart, group.name, {
        group,
        images,
        // Several layers ask by the cluster and not by the group.
        payload: payloadOf(group, group.state === 'absent' ? NOTHING : contributions.hostState(group)),
      });
    }
  },
};

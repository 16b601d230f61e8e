/** Nagios plug-ins for whoever has no Prometheus; those that look at a host leave metrics for whoever has it. */
import { NOTHING } from '../../host/host-state.js';
import type { Layer } from '../layer.js';
import { addAccess } from './access.js';
import { checksAlerts } from './alerts.js';
import { checksHostState } from './host-state.js';

export const checks: Layer = {
  name: 'checks',
  hostState: (cluster, group) => (group.checks ? checksHostState(cluster, group, group.checks) : NOTHING),
  alerts: checksAlerts,
  build: (app, cluster) => {
    if (cluster.hosts.some((group) => group.checks?.nrpe)) addAccess(app, cluster);
  },
};

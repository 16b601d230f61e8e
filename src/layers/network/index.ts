/** Who may open connections to which pods. */
import type { Layer } from '../layer.js';
import { networkAlerts } from './alerts.js';
import { addNetworkPolicies } from './network-policies.js';

export const network: Layer = {
  name: 'network',
  alerts: networkAlerts,
  build: (app, cluster) => {
    if (cluster.networkPolicies.length > 0) addNetworkPolicies(app, cluster.networkPolicies);
  },
};

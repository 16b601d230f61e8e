/** CoreDNS with more than one replica, on different nodes. */
import type { Layer } from '../layer.js';
import { dnsAlerts } from './alerts.js';
import { addCoredns } from './coredns.js';

export const dns: Layer = {
  name: 'dns',
  alerts: dnsAlerts,
  build: (app, cluster) => {
    if (cluster.dns) addCoredns(app, cluster, cluster.dns);
  },
};

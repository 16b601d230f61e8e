/** A look from outside at whether the nodes can be reached. */
import { ApplicationChart } from '../../argo/application-chart.js';
import type { Layer } from '../layer.js';
import { reachabilityAlerts } from './alerts.js';
import { addProbes } from './probes.js';

export const reachability: Layer = {
  name: 'reachability',
  alerts: reachabilityAlerts,
  build: (app, cluster) => {
    const { reachability: wanted, monitoring } = cluster;
    // A host that looks by itself needs nothing of the cluster: `selfheal prober`.
    if (!wanted?.prober || !monitoring) return;
    const chart = new ApplicationChart(app, 'reachability', {
      ownership: 'owned',
      description: 'A look from outside at whether the nodes can be reached.',
      namespaces: [monitoring.namespace],
      // The Prometheus Operator brings the CRD of Probes; it may come later than this Application.
      syncOptions: ['SkipDryRunOnMissingResource=true'],
    });
    addProbes(chart, monitoring, wanted.prober, wanted.nodes);
  },
};

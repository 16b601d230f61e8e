/** A look from outside at whether the nodes can be reached. */
import { ApplicationChart } from '../../argo/application-chart.js';
import type { Layer } from '../layer.js';
import { reachabilityAlerts } from './alerts.js';
import { addProberConfigMap } from './prober-config-map.js';
import { proberFiles } from './prober-files.js';
import { addProbes } from './probes.js';

export const reachability: Layer = {
  name: 'reachability',
  alerts: reachabilityAlerts,
  build: (app, cluster) => {
    const { reachability: wanted, monitoring } = cluster;
    if (!wanted) return;
    // A host outside can look without any Prometheus; its files then wait where every cluster has a place.
    const namespace = monitoring?.namespace ?? 'kube-system';
    const chart = new ApplicationChart(app, 'reachability', {
      ownership: 'owned',
      description: 'A look from outside at whether the nodes can be reached.',
      namespaces: [namespace],
      // The Prometheus Operator brings the CRD of Probes; it may come later than this Application.
      syncOptions: ['SkipDryRunOnMissingResource=true'],
    });
    addProberConfigMap(chart, namespace, proberFiles(cluster, wanted));
    if (wanted.prober && monitoring) addProbes(chart, monitoring, wanted.prober, wanted.nodes);
  },
};

/** Brings the alerts of every layer to the cluster's Prometheus, and what silences what to its Alertmanager. */
import { ApplicationChart } from '../../argo/application-chart.js';
import type { Layer } from '../layer.js';
import { addAlertmanagerConfig } from './alertmanager-config.js';
import { addPrometheusRules } from './prometheus-rules.js';

export const alerts: Layer = {
  name: 'alerts',
  build: (app, cluster, { alerts: groups }) => {
    const { monitoring } = cluster;
    if (monitoring === null || groups.length === 0) return;
    const chart = new ApplicationChart(app, 'alerts', {
      ownership: 'owned',
      description: 'Alerts on every failure that the healing layer knows.',
      namespaces: [monitoring.namespace],
      // The Prometheus Operator, which brings the CRDs, may be synced later than this.
      syncOptions: ['SkipDryRunOnMissingResource=true'],
    });
    addPrometheusRules(chart, monitoring, groups);
    addAlertmanagerConfig(chart, cluster, monitoring, groups);
  },
};

/** Brings the alerts of every layer to the cluster's Prometheus. */
import type { Layer } from '../layer.js';
import { addPrometheusRules } from './prometheus-rules.js';

export const alerts: Layer = {
  name: 'alerts',
  build: (app, { monitoring }, contributions) => {
    if (monitoring !== null) addPrometheusRules(app, monitoring, contributions.alerts);
  },
};

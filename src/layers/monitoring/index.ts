/** kube-prometheus-stack on the node that is able to carry it. */
import type { Layer } from '../layer.js';
import { addKubePrometheusStack } from './kube-prometheus-stack.js';

export const monitoring: Layer = {
  name: 'monitoring',
  build: (app, cluster) => {
    const { monitoring: wanted } = cluster;
    if (wanted?.chart) addKubePrometheusStack(app, cluster, wanted.namespace, wanted.chart);
  },
};

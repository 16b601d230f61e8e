/** Exporters that say nothing. */

import { exporterOf } from '../world/parts/nodes.js';
import { change, gap, turn } from '../world/world.js';
import { all, type Change } from './changes.js';
import { BREAKS, type Proof } from './proof.js';

const FOREVER = Number.POSITIVE_INFINITY;

const exporterAway =
  (node: string, to = FOREVER): Change =>
  (world) =>
    change(world, { metric: 'node_*', labels: exporterOf(node) }, ({ values }) => gap(BREAKS, to, values));

const notReady =
  (node: string, to = FOREVER): Change =>
  (world) =>
    change(
      world,
      { metric: 'kube_node_status_condition', labels: { node, condition: 'Ready', status: 'true' } },
      ({ values }) =>
        turn(
          BREAKS,
          values,
          turn(to, () => 0, values),
        ),
    );

const kubeStateMetricsAway =
  (to: number): Change =>
  (world) =>
    change(world, { metric: 'kube_*' }, ({ values }) => gap(BREAKS, to, values));

export const PROOFS: readonly Proof[] = [
  {
    alert: 'NodeMetricsMissing',
    cluster: 'homelab',
    broken: exporterAway('jarvis'),
    fires: [{ node: 'jarvis' }],
    after: 15,
    justWell: exporterAway('jarvis', BREAKS + 15),
    justTooMuch: exporterAway('jarvis', BREAKS + 16),
    survives: ['kube-state-metrics'],
  },
  {
    // A node that is down is somebody else's to tell.
    alert: 'NodeMetricsMissing',
    cluster: 'pvek8s',
    broken: (world) =>
      change(world, { metric: 'kube_pod_info', labels: { node: 'k8s02' } }, ({ values }) =>
        gap(BREAKS, FOREVER, values),
      ),
    fires: [{ node: 'k8s02' }],
    after: 15,
    justWell: all(exporterAway('k8s02'), notReady('k8s02')),
    justTooMuch: all(exporterAway('k8s02'), notReady('k8s02', BREAKS + 60)),
    survives: ['kube-state-metrics'],
  },
  {
    alert: 'KubeStateMetricsMissing',
    cluster: 'homelab',
    broken: kubeStateMetricsAway(FOREVER),
    fires: [{}],
    after: 15,
    justWell: kubeStateMetricsAway(BREAKS + 15),
    justTooMuch: kubeStateMetricsAway(BREAKS + 16),
    survives: ['node-exporter'],
  },
];

/** Sandboxes that cannot be created, as an old kubelet and a new one count them. */
import { change, turn } from '../world/world.js';
import type { Change } from './changes.js';
import { BREAKS, type Proof } from './proof.js';

const METRICS = ['kubelet_runtime_operations_errors_total', 'kubelet_run_podsandbox_errors_total'] as const;

/** So many errors a minute, until another minute. */
const errors =
  (metric: string, perMinute: number, to = Number.POSITIVE_INFINITY): Change =>
  (world) =>
    change(world, { metric, labels: { node: 'jarvis' } }, ({ values }) =>
      turn(BREAKS, values, (minute) => 4 + perMinute * (Math.min(minute, to) - BREAKS + 1)),
    );

export const PROOFS: readonly Proof[] = METRICS.flatMap((metric): readonly Proof[] => [
  {
    alert: 'PodSandboxStorm',
    cluster: 'homelab',
    broken: errors(metric, 2),
    fires: [{ node: 'jarvis' }],
    // The sixth comes in the third minute; ten minutes more.
    after: 12,
    justWell: errors(metric, 1),
    justTooMuch: errors(metric, 1.2),
    survives: ['kubelet', 'kube-state-metrics', 'node-exporter'],
  },
  {
    // A storm after a boot that is over before it has lasted long enough: its last five errors are still in sight.
    alert: 'PodSandboxStorm',
    cluster: 'pvek8s',
    broken: (world) =>
      change(world, { metric, labels: { node: 'k8s02' } }, ({ values }) =>
        turn(BREAKS, values, (minute) => 4 + 5 * (minute - BREAKS + 1)),
      ),
    fires: [{ node: 'k8s02' }],
    after: 11,
    justWell: (world) =>
      change(world, { metric, labels: { node: 'k8s02' } }, ({ values }) =>
        turn(BREAKS, values, (minute) => 4 + 5 * (Math.min(minute, BREAKS + 7) - BREAKS + 1)),
      ),
    justTooMuch: (world) =>
      change(world, { metric, labels: { node: 'k8s02' } }, ({ values }) =>
        turn(BREAKS, values, (minute) => 4 + 5 * (Math.min(minute, BREAKS + 8) - BREAKS + 1)),
      ),
    survives: ['kubelet'],
  },
]);

/**
 * The workloads of kube-prometheus-stack, as far as the scheduler sees them: the chart cannot be pulled here, but it
 * hands `affinity` of its values to the pods unchanged.
 */
import type { Json, Manifest } from '../../../src/manifest/manifest.js';

/** Where the values say on which node a part of the stack runs. */
const PLACES = {
  alertmanager: ['alertmanager', 'alertmanagerSpec'],
  grafana: ['grafana'],
  'kube-state-metrics': ['kube-state-metrics'],
  operator: ['prometheusOperator'],
  prometheus: ['prometheus', 'prometheusSpec'],
  webhook: ['prometheusOperator', 'admissionWebhooks', 'patch'],
} as const;

/** A Deployment for each part whose values name an affinity. */
export function chartWorkloads(application: Manifest): readonly Manifest[] {
  return Object.entries(PLACES).flatMap(([name, path]) => {
    const affinity = valueAt(application, ['spec', 'source', 'helm', 'valuesObject', ...path, 'affinity']);
    return affinity === undefined ? [] : [deployment(name, affinity)];
  });
}

function valueAt(from: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (value, key) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? (value as { readonly [key: string]: Json | undefined })[key]
        : undefined,
    from,
  );
}

function deployment(name: string, affinity: Json): Manifest {
  const labels = { app: name, stack: 'monitoring' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'monitoring' },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { affinity, containers: [{ name, image: `${name}:test` }] } },
    },
  };
}

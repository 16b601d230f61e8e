import { expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { proberFiles } from '../../../src/layers/reachability/prober-files.js';
import { at } from '../../support/change.js';
import { homelab, minimal, objectsOf } from '../../support/clusters.js';

const configMapOf = (cluster: Cluster) => objectsOf(cluster, 'reachability').find(({ kind }) => kind === 'ConfigMap');

test('a cluster that nobody is to look at carries no prober', () => {
  expect(configMapOf(minimal())).toBeUndefined();
});

test("carries the prober's files byte for byte, beside Prometheus", () => {
  const cluster = homelab();
  if (cluster.reachability === null) throw new Error("cluster 'homelab': expected reachability, got null");

  const configMap = configMapOf(cluster);

  expect(configMap?.metadata).toEqual({ name: 'reachability-prober', namespace: 'monitoring' });
  expect(at(configMap, 'data')).toEqual(proberFiles(cluster, cluster.reachability));
});

test('carries it for a cluster without a Prometheus too', () => {
  const configMap = configMapOf(minimal({ reachability: {} }));

  expect(configMap?.metadata.namespace).toBe('kube-system');
  expect(Object.keys(Object(at(configMap, 'data')))).toContain('reachability-prober.sh');
});

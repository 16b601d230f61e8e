import { expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { at } from '../../support/change.js';
import { homelab, minimal, objectsOf, pvek8s } from '../../support/clusters.js';

const application = (cluster: Cluster): unknown =>
  objectsOf(cluster, 'argocd').find(({ metadata }) => metadata.name === 'selfheal-monitoring');

test('no chart is installed where Prometheus is there already, or not wanted', () => {
  expect(application(pvek8s())).toBeUndefined();
  expect(application(minimal())).toBeUndefined();
});

test('the release has the name by which rules and probes are selected', () => {
  const source = at(application(homelab()), 'spec.source');

  expect(at(source, 'chart')).toBe('kube-prometheus-stack');
  expect(at(source, 'targetRevision')).toMatch(/^\d+\.\d+\.\d+$/);
  expect(homelab().monitoring?.ruleLabels.get('release')).toBe(at(source, 'helm.releaseName'));
});

test('the project lets the chart create what it brings, in its namespace and in kube-system', () => {
  const project = objectsOf(homelab(), 'argocd').find(({ kind }) => kind === 'AppProject');

  for (const kind of ['CustomResourceDefinition', 'ClusterRole', 'Namespace']) {
    expect(at(project, 'spec.clusterResourceWhitelist')).toContainEqual({ group: expect.any(String), kind });
  }
  for (const namespace of ['monitoring', 'kube-system']) {
    expect(at(project, 'spec.destinations')).toContainEqual({ server: expect.any(String), namespace });
  }
});

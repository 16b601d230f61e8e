import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { FOREIGN, SYNC_OPTIONS } from '../../../src/argo/sync-options.js';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { at } from '../../support/change.js';
import { homelab, minimal, objectsOf, pvek8s } from '../../support/clusters.js';

const deploymentOf = (cluster: Cluster): unknown => objectsOf(cluster, 'coredns')[0];
const annotation = (object: unknown, name: string): unknown => at(object, ['metadata', 'annotations', name]);
const keysAt = (object: unknown, place: string): readonly string[] => Object.keys(Object(at(object, place))).sort();

const TERM = 'spec.template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]';

const BOTH = [
  ['k3s', homelab],
  ['microk8s', pvek8s],
] as const;

test('nothing is done to DNS that nobody asked for', () => {
  expect(objectsOf(minimal(), 'coredns')).toEqual([]);
});

test('k3s keeps every other field of its own Deployment', () => {
  const deployment = deploymentOf(homelab());

  expect(annotation(deployment, FOREIGN)).toBe('partial');
  expect(keysAt(deployment, 'spec')).toEqual(['replicas', 'strategy', 'template']);
  expect(keysAt(deployment, 'spec.template')).toEqual(['spec']);
  expect(keysAt(deployment, 'spec.template.spec')).toEqual(['affinity']);
});

test('MicroK8s gets the whole object, because a partial one would be refused on every sync', () => {
  const deployment = deploymentOf(pvek8s());

  expect(annotation(deployment, FOREIGN)).toBe('whole');
  expect(at(deployment, 'spec.selector.matchLabels')).toEqual({ 'k8s-app': 'kube-dns' });
  expect(annotation(deployment, SYNC_OPTIONS)).not.toContain('Validate=false');
});

test.each(BOTH)('on %s two pods never share a node', (distribution, cluster) => {
  const fixture = new URL(`../../fixtures/upstream/${distribution}-coredns.yaml`, import.meta.url);
  const upstream = parseAllDocuments(readFileSync(fixture, 'utf8'))
    .map((document): unknown => document.toJS())
    .find((object) => at(object, 'kind') === 'Deployment');

  const deployment = deploymentOf(cluster());

  expect(at(deployment, `${TERM}.topologyKey`)).toBe('kubernetes.io/hostname');
  expect(at(upstream, 'spec.template.metadata.labels')).toMatchObject(
    Object(at(deployment, `${TERM}.labelSelector.matchLabels`)),
  );
});

test.each(BOTH)('on %s the rollout takes a pod away before it starts the next one', (_, cluster) => {
  const deployment = deploymentOf(cluster());

  expect(at(deployment, 'spec.replicas')).toBe(2);
  expect(at(deployment, 'spec.strategy')).toEqual({
    type: 'RollingUpdate',
    rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
  });
});

test.each(BOTH)('on %s CoreDNS outlives its file', (_, cluster) => {
  expect(annotation(deploymentOf(cluster()), SYNC_OPTIONS)).toContain('Prune=false,Delete=false');
});

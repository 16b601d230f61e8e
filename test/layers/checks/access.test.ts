import { expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { minimal, objectsOf, pvek8s } from '../../support/clusters.js';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

const rightsIn = (cluster: Cluster): readonly string[] =>
  objectsOf(cluster, 'checks').flatMap((object) =>
    ((object.rules ?? []) as unknown as readonly Rule[]).map(({ verbs, resources, resourceNames = [] }) =>
      `${object.metadata.namespace ?? '*'}: ${verbs} ${resources} ${resourceNames}`.trim(),
    ),
  );

test('may read what the checks of a small cluster ask for, and nothing else', () => {
  expect(rightsIn(minimal({ hosts: [{ nodes: ['lamp'], checks: {} }] }))).toEqual([
    '*: list pods,events,persistentvolumeclaims',
    '*: list nodes',
  ]);
});

test('may read on pvek8s two leases, one Deployment and the StatefulSets of Jiva besides', () => {
  expect(rightsIn(pvek8s())).toEqual([
    '*: list pods,events,persistentvolumeclaims',
    '*: list nodes',
    'kube-system: get leases kube-scheduler,kube-controller-manager',
    'kube-system: get deployments coredns',
    'openebs: list statefulsets',
  ]);
});

test('commits a Secret for the cluster to fill, without anything in it', () => {
  const secret = objectsOf(pvek8s(), 'checks').find(({ kind }) => kind === 'Secret');

  expect(secret).toEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/service-account-token',
    metadata: {
      name: 'selfheal-checks-token',
      namespace: 'kube-system',
      annotations: {
        'kubernetes.io/service-account.name': 'selfheal-checks',
        'kubernetes.io/description': expect.stringContaining('Delete this Secret to end it'),
      },
    },
  });
});

test('what gives rights says for what', () => {
  const given = objectsOf(pvek8s(), 'checks').filter(({ kind }) =>
    /^(ServiceAccount|Secret|Role|ClusterRole)$/.test(kind),
  );

  expect(given).toHaveLength(5);
  for (const { kind, metadata } of given) {
    expect(metadata.annotations?.['kubernetes.io/description'], kind).toMatch(/^[A-Z].{30,}\.$/);
  }
});

import { expect, test } from 'vitest';
import { parseCluster } from '../../../src/cluster/parse/cluster.js';
import { homelab, MINIMAL_SPEC, objectsOf, parsed, pvek8s } from '../../support/clusters.js';

const TWO_NODES = {
  ...MINIMAL_SPEC,
  nodes: { lamp: MINIMAL_SPEC.nodes.lamp, desk: { ...MINIMAL_SPEC.nodes.lamp, role: 'agent', address: '192.0.2.8' } },
};
const entry = { namespace: 'tunnel', deployment: 'tunnel', nodes: ['lamp'], appliedBy: 'helm' };

test('patches nothing in a cluster that keeps nothing off', () => {
  expect(objectsOf(homelab(), 'keep-off')).toEqual([]);
});

test('keeps the Deployment off the node by a requirement, and sets nothing else', () => {
  const [patch, ...others] = objectsOf(pvek8s(), 'keep-off');

  expect(others).toEqual([]);
  expect(patch).toEqual({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'cloudflared',
      namespace: 'cloudflared',
      annotations: {
        'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false,ServerSideApply=true,Validate=false',
        'selfheal.dev/foreign': 'partial',
      },
    },
    spec: {
      template: {
        spec: {
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [
                  { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'NotIn', values: ['k8s02'] }] },
                ],
              },
            },
          },
        },
      },
    },
  });
});

test('may patch in each namespace that an entry names', () => {
  const cluster = parsed({ ...TWO_NODES, keepOff: [entry, { ...entry, namespace: 'other' }] });
  const project = objectsOf(cluster, 'argocd').find(({ kind }) => kind === 'AppProject');

  expect(objectsOf(cluster, 'keep-off').map(({ metadata }) => metadata.namespace)).toEqual(['tunnel', 'other']);
  expect(project?.spec).toMatchObject({
    destinations: expect.arrayContaining([
      expect.objectContaining({ namespace: 'tunnel' }),
      expect.objectContaining({ namespace: 'other' }),
    ]),
  });
});

test('refuses to keep a Deployment off every node', () => {
  expect(parseCluster({ ...TWO_NODES, keepOff: [{ ...entry, nodes: ['lamp', 'desk'] }] })).toEqual({
    ok: false,
    issues: [{ path: 'keepOff[0].nodes', message: expect.stringContaining('expected at least one node') }],
  });
});

test('refuses two entries for one Deployment', () => {
  expect(parseCluster({ ...TWO_NODES, keepOff: [entry, { ...entry, nodes: ['desk'] }] })).toMatchObject({
    ok: false,
    issues: [expect.objectContaining({ message: expect.stringContaining('which keepOff[0] has') })],
  });
});

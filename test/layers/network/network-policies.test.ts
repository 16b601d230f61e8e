import { expect, test } from 'vitest';
import { at } from '../../support/change.js';
import { minimal, objectsOf, pvek8s } from '../../support/clusters.js';

const wiki = {
  name: 'wiki-from-proxy-only',
  namespace: 'wiki',
  pods: { app: 'wiki' },
  allowFromNamespaces: ['proxy', 'monitoring'],
  ports: [8080],
} as const;

test('no policy is made that nobody asked for', () => {
  expect(objectsOf(minimal(), 'network-policies')).toEqual([]);
});

test('vaultwarden is reached from the ingress namespace only, and its own connections are left alone', () => {
  const [policy] = objectsOf(pvek8s(), 'network-policies');

  expect(policy?.metadata).toEqual({ name: 'vaultwarden-from-ingress-only', namespace: 'vaultwarden' });
  expect(at(policy, 'spec')).toEqual({
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'vaultwarden' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } }] }],
  });
});

test('several namespaces are alternatives, and ports narrow all of them', () => {
  const [policy] = objectsOf(minimal({ networkPolicies: [wiki] }), 'network-policies');

  expect(at(policy, 'spec.ingress')).toHaveLength(1);
  expect(at(policy, 'spec.ingress[0].from')).toHaveLength(2);
  expect(at(policy, 'spec.ingress[0].ports')).toEqual([{ protocol: 'TCP', port: 8080 }]);
});

test('policies of several namespaces share one Application that may reach all of them', () => {
  const cluster = minimal({ networkPolicies: [wiki, { ...wiki, namespace: 'forum' }] });

  expect(objectsOf(cluster, 'network-policies')).toHaveLength(2);
  const project = objectsOf(cluster, 'argocd').find(({ kind }) => kind === 'AppProject');
  expect(at(project, 'spec.destinations')).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ namespace: 'wiki' }),
      expect.objectContaining({ namespace: 'forum' }),
    ]),
  );
});

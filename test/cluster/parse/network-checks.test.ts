import { expect, test } from 'vitest';
import { parseCluster } from '../../../src/cluster/parse/cluster.js';
import homelab from '../../../src/clusters/homelab.js';
import pvek8s from '../../../src/clusters/pvek8s.js';
import { MINIMAL_SPEC } from '../../support/clusters.js';

const issuesOf = (spec: unknown) => {
  const result = parseCluster(spec);
  return result.ok ? [] : result.issues.map(({ path, message }) => `${path}: ${message}`);
};

test('a cluster of one node cannot ask for a second CoreDNS', () => {
  expect(issuesOf({ ...MINIMAL_SPEC, dns: {} })).toEqual([
    'dns.replicas: expected dns to be left out (there is one node), each replica needs a node of its own, got 2',
  ]);
});

test('more replicas than nodes are refused, as many as nodes are not', () => {
  expect(issuesOf({ ...homelab, dns: { replicas: 3 } })).toEqual([
    'dns.replicas: expected at most 2, each replica needs a node of its own, got 3',
  ]);
  expect(issuesOf({ ...homelab, dns: { replicas: 2 } })).toEqual([]);
});

test('another image for CoreDNS is refused on k3s, where nobody but k3s sets it', () => {
  expect(issuesOf({ ...homelab, images: { coredns: 'mirror.lan/coredns:1.14.3' } })).toEqual([
    'images.coredns: expected no such key on k3s, whose own image stays, got "mirror.lan/coredns:1.14.3"',
  ]);
  expect(issuesOf({ ...pvek8s, images: { coredns: 'mirror.lan/coredns:1.14.3' } })).toEqual([]);
});

test('a network policy that nothing enforces is refused', () => {
  expect(issuesOf({ ...pvek8s, cni: 'flannel' })).toEqual([
    'networkPolicies: expected cni "calico", got "flannel", which enforces no NetworkPolicy: the pods would stay open to all',
  ]);
  expect(issuesOf({ ...pvek8s, cni: 'flannel', networkPolicies: [] })).toEqual([]);
});

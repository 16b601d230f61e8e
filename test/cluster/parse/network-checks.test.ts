import { expect, test } from 'vitest';
import homelab from '../../../src/clusters/homelab.js';
import pvek8s from '../../../src/clusters/pvek8s.js';
import { MINIMAL_SPEC } from '../../support/clusters.js';
import { issuesOfSpec } from '../../support/issues.js';

test('a cluster of one node cannot ask for a second CoreDNS', () => {
  expect(issuesOfSpec({ ...MINIMAL_SPEC, dns: {} })).toEqual([
    'dns.replicas: expected dns to be left out (there is one node), each replica needs a node of its own, got 2',
  ]);
});

test('more replicas than nodes are refused, as many as nodes are not', () => {
  expect(issuesOfSpec({ ...homelab, dns: { replicas: 3 } })).toEqual([
    'dns.replicas: expected at most 2, each replica needs a node of its own, got 3',
  ]);
  expect(issuesOfSpec({ ...homelab, dns: { replicas: 2 } })).toEqual([]);
});

test('another image for CoreDNS is refused on k3s, where nobody but k3s sets it', () => {
  expect(issuesOfSpec({ ...homelab, images: { coredns: 'mirror.lan/coredns:1.14.3' } })).toEqual([
    'images.coredns: expected no such key on k3s, whose own image stays, got "mirror.lan/coredns:1.14.3"',
  ]);
  expect(issuesOfSpec({ ...pvek8s, images: { coredns: 'mirror.lan/coredns:1.14.3' } })).toEqual([]);
});

test('a network policy that nothing enforces is refused', () => {
  expect(issuesOfSpec({ ...pvek8s, cni: 'flannel' })).toEqual([
    'networkPolicies: expected cni "calico", got "flannel", which enforces no NetworkPolicy: the pods would stay open to all',
  ]);
  expect(issuesOfSpec({ ...pvek8s, cni: 'flannel', networkPolicies: [] })).toEqual([]);
});

/** What the number of nodes and the pod network allow of DNS and network policies. */

import { formatImage } from '../image.js';
import type { ParsedSpec } from './cluster.js';
import { type Issue, show } from './issue.js';

export const NETWORK_CHECKS = [dnsReplicas, corednsImage, enforcedPolicies];

function dnsReplicas({ dns, nodes }: ParsedSpec): Issue[] {
  if (dns === null || dns.replicas <= nodes.size) return [];
  const most = nodes.size === 1 ? 'dns to be left out (there is one node)' : `at most ${nodes.size}`;
  return [
    {
      path: 'dns.replicas',
      message: `expected ${most}, each replica needs a node of its own, got ${show(dns.replicas)}`,
    },
  ];
}

function corednsImage({ distribution, images }: ParsedSpec): Issue[] {
  if (distribution !== 'k3s' || images === null || images.coredns === null) return [];
  return [
    {
      path: 'images.coredns',
      message: `expected no such key on k3s, whose own image stays, got ${show(formatImage(images.coredns))}`,
    },
  ];
}

function enforcedPolicies(spec: ParsedSpec): Issue[] {
  if (spec.distribution !== 'microk8s' || spec.cni !== 'flannel' || spec.networkPolicies.length === 0) return [];
  return [
    {
      path: 'networkPolicies',
      message: 'expected cni "calico", got "flannel", which enforces no NetworkPolicy: the pods would stay open to all',
    },
  ];
}

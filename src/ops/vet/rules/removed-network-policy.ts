/** No NetworkPolicy leaves the cluster with its file. */
import { removed } from '../removals.js';
import type { VetRule } from '../rule.js';

export const removedNetworkPolicy: VetRule = {
  id: 'removed-network-policy',
  severity: 'error',
  reason:
    'A pod that no policy selects is open to every other: the last policy that goes is not a rule less, it is all traffic more, and nothing fails that would tell.',
  mend: 'put the policy that takes its place into the same change, and accept the finding',
  check: (change) => removed(change, POLICIES, 'the pods that it selects are open without it'),
};

/** Of Kubernetes, Calico and Cilium. */
const POLICIES = [
  'networking.k8s.io/NetworkPolicy',
  ...['projectcalico.org', 'crd.projectcalico.org'].flatMap((group) => [
    `${group}/NetworkPolicy`,
    `${group}/GlobalNetworkPolicy`,
  ]),
  'cilium.io/CiliumNetworkPolicy',
  'cilium.io/CiliumClusterwideNetworkPolicy',
];

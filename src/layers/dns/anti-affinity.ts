/**
 * Two CoreDNS pods never share a node, and the Deployment can still roll out.
 *
 * Required, not preferred: a preference is weighed once, when a pod is scheduled. After a reboot of the other node both
 * replicas sit on the same machine and stay there, which is the single point of failure that the second replica was to
 * remove. A required rule can hold up a rollout for ever where there are as many replicas as nodes, so the strategy
 * takes a pod away before it starts the next one, and the parser refuses more replicas than nodes.
 */
import { HOSTNAME_LABEL } from '../../manifest/node-affinity.js';

/** The label that both distributions give to their CoreDNS pods. */
export const DNS_LABELS = { 'k8s-app': 'kube-dns' } as const;

export const oneForEachNode = () => ({
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      { topologyKey: HOSTNAME_LABEL, labelSelector: { matchLabels: { ...DNS_LABELS } } },
    ],
  },
});

/** Counts, not percentages: ten percent of two pods rounds to a surge of one, which has no node to go to. */
export const ROLLOUT = { maxSurge: 0, maxUnavailable: 1 } as const;

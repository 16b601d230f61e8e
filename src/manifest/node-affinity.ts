/**
 * Node affinity that binds.
 *
 * "Preferred" is a wish: with one node not ready the scheduler put the whole monitoring stack onto the control plane.
 */

/** The label by which a node is known to the scheduler. */
export const HOSTNAME_LABEL = 'kubernetes.io/hostname';

type NodeOperator = 'In' | 'NotIn';

/** One requirement on the node's name; `nodes` must not be empty, or nothing could ever be scheduled. */
export function nodeRequirement(operator: NodeOperator, nodes: readonly string[]) {
  if (nodes.length === 0) throw new Error(`node affinity '${operator}': expected at least one node, got none`);
  return { key: HOSTNAME_LABEL, operator, values: [...nodes] };
}

/** The pod's `nodeAffinity`: only on these nodes (`In`), or on all but these (`NotIn`). */
export const requiredNodeAffinity = (operator: NodeOperator, nodes: readonly string[]) => ({
  requiredDuringSchedulingIgnoredDuringExecution: {
    nodeSelectorTerms: [{ matchExpressions: [nodeRequirement(operator, nodes)] }],
  },
});

/** Which of the described nodes a selector admits, as far as the description knows their labels. */
import type { Cluster, ClusterNode } from '../cluster/cluster.js';
import { at, type Field, listAt, textAt } from '../manifest/json.js';
import { HOSTNAME_LABEL } from '../manifest/node-affinity.js';
import { expressionsAt, type LabelRequirement, meets, pairsAt } from './label-requirement.js';

const ROLE_LABELS = {
  k3s: { 'control-plane': ['node-role.kubernetes.io/control-plane', 'true'], worker: undefined },
  microk8s: {
    'control-plane': ['node.kubernetes.io/microk8s-controlplane', 'microk8s-controlplane'],
    worker: ['node.kubernetes.io/microk8s-worker', 'microk8s-worker'],
  },
} as const;

/** Labels by which the distributions tell roles; a node without the label has the other role. */
const ROLE_KEYS = new Set([
  'node-role.kubernetes.io/control-plane',
  'node-role.kubernetes.io/master',
  'node.kubernetes.io/microk8s-controlplane',
  'node.kubernetes.io/microk8s-worker',
]);

function labelsOf(cluster: Cluster, node: ClusterNode): ReadonlyMap<string, string> {
  const role = ROLE_LABELS[cluster.distribution.name][node.role];
  return new Map([
    [HOSTNAME_LABEL, node.name],
    ['kubernetes.io/arch', node.architecture],
    ['kubernetes.io/os', 'linux'],
    ...(role ? [[role[0], role[1]] as const] : []),
    ...(node.role === 'control-plane' ? [['node-role.kubernetes.io/master', 'true'] as const] : []),
  ]);
}

/** A label that the description does not know admits every node: nothing is proven by it. */
function admits(labels: ReadonlyMap<string, string>, requirement: LabelRequirement): boolean {
  const value = labels.get(requirement.key);
  return (value === undefined && !ROLE_KEYS.has(requirement.key)) || (meets(value, requirement) ?? true);
}

const requiredNodeAffinity = (pod: Field): Field =>
  at(pod, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution');

/** Terms are alternatives, the expressions of one term all hold. No term: one without a demand. */
function termsOf(pod: Field): readonly (readonly LabelRequirement[])[] {
  const terms = listAt(requiredNodeAffinity(pod), 'nodeSelectorTerms').map((term) => [
    ...expressionsAt(term, 'matchExpressions'),
    ...expressionsAt(term, 'matchFields').map((field) =>
      field.key === 'metadata.name' ? { ...field, key: HOSTNAME_LABEL } : field,
    ),
  ]);
  return terms.length === 0 ? [[]] : terms;
}

/** The nodes on which a pod may be placed by nodeName, nodeSelector and required node affinity. */
export function eligibleNodes(cluster: Cluster, pod: Field): readonly ClusterNode[] {
  const nodeName = textAt(pod, 'nodeName');
  const selector = pairsAt(pod, 'nodeSelector');
  const terms = termsOf(pod);
  return cluster.nodes.filter((node) => {
    const labels = labelsOf(cluster, node);
    const every = (requirements: readonly LabelRequirement[]) =>
      requirements.every((requirement) => admits(labels, requirement));
    return (nodeName === undefined || nodeName === node.name) && every(selector) && terms.some(every);
  });
}

/** The nodes that a label selector admits, as in a Plan's `nodeSelector`. */
export function selectedNodes(cluster: Cluster, selector: Field): readonly ClusterNode[] {
  const requirements = [...pairsAt(selector, 'matchLabels'), ...expressionsAt(selector, 'matchExpressions')];
  return cluster.nodes.filter((node) =>
    requirements.every((requirement) => admits(labelsOf(cluster, node), requirement)),
  );
}

/** The node names that a pod's placement speaks of, wanted and unwanted, required and preferred. */
export function namedNodes(pod: Field): readonly string[] {
  const preferred = listAt(pod, 'affinity', 'nodeAffinity', 'preferredDuringSchedulingIgnoredDuringExecution');
  const requirements = [
    ...pairsAt(pod, 'nodeSelector'),
    ...termsOf(pod).flat(),
    ...preferred.flatMap((entry) => expressionsAt(entry, 'preference', 'matchExpressions')),
  ];
  const nodeName = textAt(pod, 'nodeName');
  return [
    ...(nodeName === undefined ? [] : [nodeName]),
    ...requirements.filter(({ key }) => key === HOSTNAME_LABEL).flatMap(({ values }) => values),
  ];
}

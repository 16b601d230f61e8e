/** Which of the described nodes a selector admits, as far as the description knows their labels. */
import type { Cluster, ClusterNode } from '../cluster/cluster.js';
import { HOSTNAME_LABEL } from '../manifest/node-affinity.js';
import { at, type Field, fieldsAt, listAt, textAt, textsAt } from './json.js';

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

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

const requirementsIn = (expressions: Field, ...path: readonly string[]): readonly Requirement[] =>
  listAt(expressions, ...path).map((expression) => ({
    key: textAt(expression, 'key') ?? '',
    operator: textAt(expression, 'operator') ?? '',
    values: textsAt(expression, 'values'),
  }));

const equals = (fields: Field, ...path: readonly string[]): readonly Requirement[] =>
  fieldsAt(fields, ...path).map(([key, value]) => ({ key, operator: 'In', values: [String(value)] }));

/** A label that the description does not know admits every node: nothing is proven by it. */
function admits(labels: ReadonlyMap<string, string>, { key, operator, values }: Requirement): boolean {
  const value = labels.get(key);
  if (value === undefined && !ROLE_KEYS.has(key)) return true;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return true;
  }
}

const requiredNodeAffinity = (pod: Field): Field =>
  at(pod, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution');

/** Terms are alternatives, the expressions of one term all hold. No term: one without a demand. */
function termsOf(pod: Field): readonly (readonly Requirement[])[] {
  const terms = listAt(requiredNodeAffinity(pod), 'nodeSelectorTerms').map((term) => [
    ...requirementsIn(term, 'matchExpressions'),
    ...requirementsIn(term, 'matchFields').map((field) =>
      field.key === 'metadata.name' ? { ...field, key: HOSTNAME_LABEL } : field,
    ),
  ]);
  return terms.length === 0 ? [[]] : terms;
}

/** The nodes on which a pod may be placed by nodeName, nodeSelector and required node affinity. */
export function eligibleNodes(cluster: Cluster, pod: Field): readonly ClusterNode[] {
  const nodeName = textAt(pod, 'nodeName');
  const selector = equals(pod, 'nodeSelector');
  const terms = termsOf(pod);
  return cluster.nodes.filter((node) => {
    const labels = labelsOf(cluster, node);
    const every = (requirements: readonly Requirement[]) =>
      requirements.every((requirement) => admits(labels, requirement));
    return (nodeName === undefined || nodeName === node.name) && every(selector) && terms.some(every);
  });
}

/** The nodes that a label selector admits, as in a Plan's `nodeSelector`. */
export function selectedNodes(cluster: Cluster, selector: Field): readonly ClusterNode[] {
  const requirements = [...equals(selector, 'matchLabels'), ...requirementsIn(selector, 'matchExpressions')];
  return cluster.nodes.filter((node) =>
    requirements.every((requirement) => admits(labelsOf(cluster, node), requirement)),
  );
}

/** The node names that a pod's placement speaks of, wanted and unwanted, required and preferred. */
export function namedNodes(pod: Field): readonly string[] {
  const preferred = listAt(pod, 'affinity', 'nodeAffinity', 'preferredDuringSchedulingIgnoredDuringExecution');
  const requirements = [
    ...equals(pod, 'nodeSelector'),
    ...termsOf(pod).flat(),
    ...preferred.flatMap((entry) => requirementsIn(entry, 'preference', 'matchExpressions')),
  ];
  const nodeName = textAt(pod, 'nodeName');
  return [
    ...(nodeName === undefined ? [] : [nodeName]),
    ...requirements.filter(({ key }) => key === HOSTNAME_LABEL).flatMap(({ values }) => values),
  ];
}

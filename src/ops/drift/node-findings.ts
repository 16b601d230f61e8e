/** Nodes that are described and not there, and nodes that are there and not described. */
import type { LiveFacts } from './facts.js';
import { type Finding, findingsOnly, type Said, unknownOnly } from './report.js';

export function nodeFindings({ cluster, nodes }: Pick<LiveFacts, 'cluster' | 'nodes'>): Said {
  if (!nodes.ok) return unknownOnly(`that this is ${cluster.name}`, nodes.failure.message);
  const live = new Set(nodes.value.map(({ metadata }) => metadata.name));
  const described = new Set(cluster.nodes.map(({ name }) => name));
  return findingsOnly(
    ...[...described]
      .filter((name) => !live.has(name))
      .map((name) => finding('node-missing', name, 'the cluster does not have it')),
    ...[...live]
      .filter((name) => !described.has(name))
      .map((name) => finding('node-not-described', name, 'the description does not have it: nothing heals it')),
  );
}

const finding = (id: Finding['id'], name: string, what: string): Finding => ({
  id,
  subject: `node ${name}`,
  application: null,
  what,
  fields: [],
  argo: null,
  next: ['kubectl get nodes'],
});

/** Which rule keeps the pods of one workload on different nodes. */
import type { Cluster } from '../cluster/cluster.js';
import { at, type Field, listAt, textAt } from '../manifest/json.js';
import { HOSTNAME_LABEL } from '../manifest/node-affinity.js';
import { expressionsAt, meets, pairsAt } from './label-requirement.js';
import type { Workload } from './workloads.js';

/**
 * `one-per-node`: required anti-affinity, at most one pod on a node. `balanced`: a hard topology spread, at most
 * `maxSkew` more on one node than on another. `none`: the scheduler may put all of them on one node.
 */
type Exclusion = 'one-per-node' | 'balanced' | 'none';

export function exclusionOf(cluster: Cluster, workload: Workload): Exclusion {
  if (repellingTerms(workload).length > 0) return 'one-per-node';
  return hardSpreads(workload).some((spread) => textAt(spread, 'topologyKey') === HOSTNAME_LABEL) ||
    hasUpstreamSpread(cluster, workload)
    ? 'balanced'
    : 'none';
}

/** Required anti-affinity terms by which pods of the workload keep each other off a node. */
export const repellingTerms = (workload: Workload): readonly Field[] =>
  listAt(workload.pod, 'affinity', 'podAntiAffinity', 'requiredDuringSchedulingIgnoredDuringExecution').filter(
    (term) => textAt(term, 'topologyKey') === HOSTNAME_LABEL && selects(at(term, 'labelSelector'), workload),
  );

export const hardSpreads = ({ pod }: Workload): readonly Field[] =>
  listAt(pod, 'topologySpreadConstraints').filter((spread) => textAt(spread, 'whenUnsatisfiable') === 'DoNotSchedule');

/** k3s's own manifest has the hard spread over host names, and a partial patch leaves it there. */
const hasUpstreamSpread = ({ distribution }: Cluster, { isPartial, manifest: { metadata } }: Workload): boolean =>
  isPartial &&
  distribution.corednsAppliedBy === 'controller' &&
  metadata.namespace === 'kube-system' &&
  metadata.name === 'coredns';

/** Whether the selector admits the workload's own pods. A partial patch does not show their labels: it is believed. */
function selects(selector: Field, { labels, isPartial }: Workload): boolean {
  if (isPartial && labels === undefined) return true;
  const requirements = [...pairsAt(selector, 'matchLabels'), ...expressionsAt(selector, 'matchExpressions')];
  return requirements.every((requirement) => meets(textAt(labels, requirement.key), requirement) === true);
}

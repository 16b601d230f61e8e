/** Which described cluster flags mean, and whether a live one is that cluster. */
import type { Cluster } from '../cluster/cluster.js';
import { didYouMean, show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import type { KubeApi } from '../live/kube-api.js';

/** @throws OperatorError where none of the descriptions is meant, or one of several. */
export function meantCluster<D extends { readonly cluster: Cluster }>(
  descriptions: readonly D[],
  name: string | undefined,
): D {
  const names = descriptions.map(({ cluster }) => cluster.name);
  const [found, ...others] = descriptions.filter(({ cluster }) => name === undefined || cluster.name === name);
  if (found !== undefined && others.length === 0) return found;
  throw new OperatorError(
    `--cluster: expected one of ${names.join(', ')}, got ${show(name)}${didYouMean(name ?? '', names)}`,
  );
}

/**
 * Answers why it cannot be told, or null where the context is the described cluster.
 *
 * @throws OperatorError when not one of the described nodes is there: it is another cluster.
 */
export async function refuseOtherCluster(api: KubeApi, { name, nodes }: Cluster): Promise<string | null> {
  const answer = await api.list({ apiVersion: 'v1', kind: 'Node' });
  if (!answer.ok) return answer.failure.message;
  const live = answer.value.map(({ metadata }) => metadata.name).sort();
  const described = nodes.map((node) => node.name);
  if (described.some((node) => live.includes(node))) return null;
  throw new OperatorError(
    `--context: expected the cluster ${name} with the nodes ${described.join(', ')}, got ${show(api.context)} with ${live.join(', ') || 'none'}`,
  );
}

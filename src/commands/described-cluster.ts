/** Which described cluster flags mean, and whether a live one is that cluster. */
import type { SyncedApplication, Tree } from '../argo/tree.js';
import type { Cluster } from '../cluster/cluster.js';
import { show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import type { KubeApi } from '../live/kube-api.js';
import { type Answer, type Failure, isSilence, type LiveObject } from '../manifest/live-object.js';
import type { CheckResult } from '../ops/check/result.js';
import { saying } from '../ops/check/saying.js';
import { chosen } from './flags.js';

/** @throws OperatorError where none of the descriptions is meant, or one of several. */
export function meantCluster<D extends { readonly cluster: Cluster }>(
  descriptions: readonly D[],
  name: string | undefined,
): D {
  return chosen('--cluster', name, new Map(descriptions.map((each) => [each.cluster.name, each])));
}

/** What Argo CD of one cluster syncs. @throws OperatorError where none in the folder is meant, or one of several. */
export function meantApplications({ applications }: Tree, name: string | undefined): readonly SyncedApplication[] {
  if (applications.length === 0)
    throw new OperatorError('--live: expected manifests with Applications, got none', ['name the folder with --dist']);
  const names = [...new Set(applications.map(({ cluster }) => cluster))].sort();
  const of = (meant: string) => applications.filter(({ cluster }) => cluster === meant);
  return chosen('--cluster', name, new Map(names.map((each) => [each, of(each)])));
}

/**
 * Answers why it cannot be told, or null where the context is the described cluster.
 *
 * @throws OperatorError when not one of the described nodes is there: it is another cluster.
 */
export const refuseOtherCluster = async (api: KubeApi, cluster: Cluster): Promise<Failure | null> =>
  refuseOtherNodes(await api.list({ apiVersion: 'v1', kind: 'Node' }), cluster, api.context);

/** The result of a check that would have to know it. */
export const unknownCluster = (cluster: Cluster, why: Failure): CheckResult =>
  saying('described-cluster').unknown(`cluster ${cluster.name}`, why, whereSilent(cluster, why) ?? '');

/** A command that can be pasted: who words it does not know by which context the cluster was asked. */
export const inContext = (command: string, context: string): string =>
  command.replace('--context NAME', `--context ${/^[\w.@:/-]+$/.test(context) ? context : `'${context}'`}`);

/** What the machine that asks says of a name or a certificate: no API server has seen the question. */
const OF_THE_KUBECONFIG = /\b(ENOTFOUND|EAI_AGAIN)\b|certificate|CERT_|ERR_TLS/;

/** Where to look when an API server does not answer; undefined where it did. */
export function whereSilent({ controlPlane, distribution }: Cluster, why: Failure): string | undefined {
  if (!isSilence(why)) return undefined;
  if (OF_THE_KUBECONFIG.test(why.message))
    return 'kubectl config view --minify --context NAME   # is that its address, and its authority?';
  const unit = distribution.kubeletUnit['control-plane'];
  return `on ${controlPlane.name}: sudo journalctl -u ${unit} --since=-10min   # the API server is a part of it`;
}

/** The same for nodes that were asked for already. Whatever differs on another cluster differs because it is another. */
export function refuseOtherNodes(
  live: Answer<readonly LiveObject[]>,
  { name, nodes }: Cluster,
  context: string,
): Failure | null {
  if (!live.ok) return live.failure;
  const found = live.value.map(({ metadata }) => metadata.name).sort();
  const described = nodes.map((node) => node.name);
  if (described.some((node) => found.includes(node))) return null;
  throw new OperatorError(
    `--context: expected the cluster ${name} with the nodes ${described.join(', ')}, got ${show(context)} with ${found.join(', ') || 'none'}`,
  );
}

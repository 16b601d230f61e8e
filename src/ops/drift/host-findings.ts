/**
 * What node-bootstrap reports of the hosts, as far as the API can tell.
 *
 * A ready pod with the described content is a host that is as described. A pod that is not there, or whose node does not
 * answer, says nothing: then nobody can tell.
 */
import type { ClusterNode, HostGroup } from '../../cluster/cluster.js';
import { at, type Field, listAt, numberAt, textAt } from '../../manifest/json.js';
import type { LiveObject } from '../../manifest/live-object.js';
import type { Manifest } from '../../manifest/manifest.js';
import { oneLine } from './argo-view.js';
import type { LiveFacts } from './facts.js';
import { type Finding, findingsOnly, type Said, unknownOnly } from './report.js';

/** The pod template's annotation that is the hash of everything that the pod brings. */
const CONTENT = 'selfheal.dev/content-sha256';

interface HostFacts extends Pick<LiveFacts, 'cluster' | 'nodes' | 'bootstrapPods'> {
  readonly objects: readonly { readonly described: Manifest }[];
}

export function hostFindings({ cluster, objects, nodes, bootstrapPods }: HostFacts): Said {
  // Another Application than theirs was asked for.
  if (bootstrapPods === null) return findingsOnly();
  const liveNodes = new Map((nodes.ok ? nodes.value : []).map((node) => [node.metadata.name, node]));
  const said = cluster.hosts.flatMap((group) => {
    const daemonSet = objects.find(
      ({ described: { kind, metadata } }) => kind === 'DaemonSet' && metadata.name === group.name,
    )?.described;
    return group.nodes.map((node): Said => {
      const subject = `host ${node.name}`;
      if (!nodes.ok) return unknownOnly(subject, nodes.failure.message);
      if (!bootstrapPods.ok) return unknownOnly(subject, bootstrapPods.failure.message);
      if (!isReady(liveNodes.get(node.name)))
        return unknownOnly(subject, 'its node is not Ready, so what its pod last said may be old');
      const pod = bootstrapPods.value.find((each) => isOf(group, each) && at(each.spec, 'nodeName') === node.name);
      if (pod === undefined) return unknownOnly(subject, `it has no pod of ${group.name}, which would say it`);
      return podSays(subject, node, pod, daemonSet);
    });
  });
  return { findings: said.flatMap(({ findings }) => findings), unknown: said.flatMap((each) => each.unknown) };
}

/** Of the DaemonSet itself: labels anybody can put on a pod of his own. One that ends says nothing any more. */
const isOf = ({ name }: HostGroup, { metadata }: LiveObject): boolean =>
  metadata.deletionTimestamp === undefined &&
  listAt(metadata, 'ownerReferences').some((owner) => at(owner, 'kind') === 'DaemonSet' && at(owner, 'name') === name);

function podSays(subject: string, node: ClusterNode, pod: LiveObject, daemonSet: Manifest | undefined): Said {
  const { name, namespace = '' } = pod.metadata;
  const finding = (id: Finding['id'], what: string, next: readonly string[]): Said =>
    findingsOnly({ id, subject, application: null, what, fields: [], argo: HOSTS_ARE_NOT_ARGOS, next });
  const [converge] = listAt(pod.status, 'initContainerStatuses');
  const failure = failureOf(converge);
  if (failure !== null)
    return finding('host-refused', `not everything could be brought to it: ${failure}`, [
      `kubectl -n ${namespace} logs ${name} -c converge`,
    ]);
  const described = textAt(daemonSet?.spec, 'template', 'metadata', 'annotations', CONTENT);
  if (described !== undefined && pod.metadata.annotations?.[CONTENT] !== described)
    return finding('host-content-old', 'its pod still brings other content than the description has', [
      `kubectl -n ${namespace} get daemonset -l app.kubernetes.io/name=node-bootstrap`,
    ]);
  if (!isReady(pod)) {
    const [watch] = listAt(pod.status, 'containerStatuses');
    if (at(watch, 'started') !== true)
      return unknownOnly(
        subject,
        `its pod ${name} has not looked at it yet (${textAt(pod.status, 'phase') || 'no phase'})`,
      );
    return finding(
      'host-drifted',
      `it is not as described since ${since(pod) ?? 'an unknown time'}: its pod has looked, and is not ready`,
      [`kubectl -n ${namespace} logs ${name} -c watch --tail=50`],
    );
  }
  // Without the described hash nobody can say which content the pod brings.
  if (described === undefined) return unknownOnly(subject, `the description has no DaemonSet for ${node.name}`);
  return { findings: [], unknown: [] };
}

const HOSTS_ARE_NOT_ARGOS = 'does not look at hosts; node-bootstrap puts back what it may (hosts[].onDrift)';

/** What the init container said when it failed; null where it did not. */
function failureOf(status: Field): string | null {
  const now = at(status, 'state', 'terminated');
  const ended = [now, at(status, 'lastState', 'terminated')].find((state) => (numberAt(state, 'exitCode') ?? 0) !== 0);
  if (ended === undefined || numberAt(now, 'exitCode') === 0) return null;
  const said = textAt(ended, 'message') ?? '';
  const lines = said.split('\n').filter((line) => /^(refused|cannot-tell) /.test(line));
  return oneLine(lines.length > 0 ? lines.join('; ') : said) || `it ended with ${numberAt(ended, 'exitCode')}`;
}

const conditionOf = (object: LiveObject | undefined): Field =>
  listAt(object?.status, 'conditions').find((condition) => at(condition, 'type') === 'Ready');

const isReady = (object: LiveObject | undefined): boolean => at(conditionOf(object), 'status') === 'True';

const since = (pod: LiveObject): string | undefined => textAt(conditionOf(pod), 'lastTransitionTime');

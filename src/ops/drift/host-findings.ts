/**
 * What node-bootstrap reports of the hosts, as far as the API can tell.
 *
 * A ready pod with the described content is a host that is as described. A pod that is not there, or whose node does not
 * answer, says nothing: then nobody can tell.
 */
import type { ClusterNode, HostGroup } from '../../cluster/cluster.js';
import { at, type Field, listAt, numberAt, textAt } from '../../manifest/json.js';
import type { Answer, LiveObject } from '../../manifest/live-object.js';
import type { Manifest } from '../../manifest/manifest.js';
import { oneLine } from './argo-view.js';
import type { Finding, Unknown } from './report.js';

/** The pod template's annotation that is the hash of everything that the pod brings. */
const CONTENT = 'selfheal.dev/content-sha256';

interface HostFacts {
  readonly group: HostGroup;
  /** The described DaemonSet of the group. */
  readonly daemonSet: Manifest | undefined;
  readonly nodes: ReadonlyMap<string, LiveObject>;
  readonly pods: Answer<readonly LiveObject[]>;
}

type Said = { readonly findings: readonly Finding[]; readonly unknown: readonly Unknown[] };

export function hostFindings({ group, daemonSet, nodes, pods }: HostFacts): Said {
  const said = group.nodes.map((node): Said => {
    const subject = `host ${node.name}`;
    if (!pods.ok) return unknown(subject, pods.failure.message);
    const mine = pods.value.filter(
      (pod) =>
        pod.metadata.labels?.['app.kubernetes.io/instance'] === group.name && at(pod.spec, 'nodeName') === node.name,
    );
    const pod = mine.find(({ metadata }) => metadata.deletionTimestamp === undefined);
    if (!isReady(nodes.get(node.name)))
      return unknown(subject, 'its node is not Ready, so what its pod last said may be old');
    if (pod === undefined) return unknown(subject, `it has no pod of ${group.name}, which would say it`);
    return podSays(subject, node, pod, daemonSet);
  });
  return { findings: said.flatMap(({ findings }) => findings), unknown: said.flatMap((each) => each.unknown) };
}

const unknown = (subject: string, why: string): Said => ({ findings: [], unknown: [{ subject, why }] });

function podSays(subject: string, node: ClusterNode, pod: LiveObject, daemonSet: Manifest | undefined): Said {
  const { name, namespace = '' } = pod.metadata;
  const finding = (id: Finding['id'], what: string, next: readonly string[]): Said => ({
    findings: [{ id, subject, application: null, what, fields: [], argo: HOSTS_ARE_NOT_ARGOS, next }],
    unknown: [],
  });
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
      return unknown(
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
  if (described === undefined) return unknown(subject, `the description has no DaemonSet for ${node.name}`);
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

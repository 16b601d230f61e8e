/**
 * What node-bootstrap reports of the hosts, as far as the API can tell.
 *
 * A ready pod with the described content is a host that is as described. A pod that is not there, or whose node does not
 * answer, says nothing: then nobody can tell.
 */
import type { ClusterNode, HostGroup } from '../../cluster/cluster.js';
import type { Answer, LiveObject } from '../../manifest/live-object.js';
import type { Json, Manifest } from '../../manifest/manifest.js';
import { oneLine } from './argo-view.js';
import { isFields, isList } from './field-set.js';
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
  const [converge] = items(at(pod.status, 'initContainerStatuses'));
  const failure = failureOf(converge);
  if (failure !== null)
    return finding('host-refused', `not everything could be brought to it: ${failure}`, [
      `kubectl -n ${namespace} logs ${name} -c converge`,
    ]);
  const described = at(at(at(at(daemonSet?.spec, 'template'), 'metadata'), 'annotations'), CONTENT);
  if (typeof described === 'string' && pod.metadata.annotations?.[CONTENT] !== described)
    return finding('host-content-old', 'its pod still brings other content than the description has', [
      `kubectl -n ${namespace} get daemonset -l app.kubernetes.io/name=node-bootstrap`,
    ]);
  if (!isReady(pod)) {
    const [watch] = items(at(pod.status, 'containerStatuses'));
    if (at(watch, 'started') !== true)
      return unknown(
        subject,
        `its pod ${name} has not looked at it yet (${text(at(pod.status, 'phase')) || 'no phase'})`,
      );
    return finding(
      'host-drifted',
      `it is not as described since ${since(pod) || 'an unknown time'}: its pod has looked, and is not ready`,
      [`kubectl -n ${namespace} logs ${name} -c watch --tail=50`],
    );
  }
  // Without the described hash nobody can say which content the pod brings.
  if (typeof described !== 'string') return unknown(subject, `the description has no DaemonSet for ${node.name}`);
  return { findings: [], unknown: [] };
}

const HOSTS_ARE_NOT_ARGOS = 'does not look at hosts; node-bootstrap puts back what it may (hosts[].onDrift)';

/** What the init container said when it failed; null where it did not. */
function failureOf(status: Json | undefined): string | null {
  const [now, last] = [at(status, 'state'), at(status, 'lastState')];
  const ended = [at(now, 'terminated'), at(last, 'terminated')].find((state) => {
    const code = at(state, 'exitCode');
    return typeof code === 'number' && code !== 0;
  });
  if (ended === undefined || (isFields(at(now, 'terminated')) && at(at(now, 'terminated'), 'exitCode') === 0))
    return null;
  const said = text(at(ended, 'message'));
  const lines = said.split('\n').filter((line) => /^(refused|cannot-tell) /.test(line));
  return oneLine(lines.length > 0 ? lines.join('; ') : said) || `it ended with ${String(at(ended, 'exitCode'))}`;
}

const conditionOf = (object: LiveObject | undefined): Json | undefined =>
  items(at(object?.status, 'conditions')).find((condition) => at(condition, 'type') === 'Ready');

export const isReady = (object: LiveObject | undefined): boolean => at(conditionOf(object), 'status') === 'True';

const since = (pod: LiveObject): string => text(at(conditionOf(pod), 'lastTransitionTime'));

const at = (value: Json | undefined, field: string): Json | undefined =>
  isFields(value) && Object.hasOwn(value, field) ? value[field] : undefined;

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

const items = (value: Json | undefined): readonly Json[] => (isList(value) ? value : []);

/** Nodes whose kubelet is Ready and does not begin with pods that were assigned to it. */
import type { Cluster } from '../../../cluster/cluster.js';
import { describeDuration } from '../../../cluster/duration.js';
import { textAt } from '../../../manifest/json.js';
import type { LiveObject } from '../../../manifest/live-object.js';
import { listed } from '../../words.js';
import type { HealthCheck } from '../facts.js';
import { grouped } from '../grouped.js';
import { nodeRestart } from '../hosts.js';
import { KUBELET_STALLED, STATUS_LOST } from '../incidents.js';
import { conditionOf, isReady, nodeOf, spanOf, timeOf } from '../live.js';
import { isMirror, isTerminating, phaseOf, podName } from '../pod.js';
import { kubeletEvents } from '../pod-events.js';
import type { CheckResult } from '../result.js';
import { saying } from '../saying.js';
import { BEGINS_WITHIN } from '../thresholds.js';

const ID = 'kubelet-stall';
const say = saying(ID);

export const kubeletStallCheck: HealthCheck = {
  id: ID,
  summary: 'every kubelet that is Ready begins with the pods that are assigned to it',
  asks: ['pods', 'nodes', 'events'],
  answer: ({ cluster, now, of }) => {
    const subject = 'pods that are assigned';
    const [pods, nodes, events] = [of('pods'), of('nodes'), of('events')];
    if (!pods.ok) return [say.unknown(subject, pods.failure)];
    if (!nodes.ok) return [say.unknown(subject, nodes.failure)];
    if (!now.ok) return [say.unknown(subject, now.failure)];
    if (pods.value.length === 0) return [say.unknown(subject, 'the cluster reports no pod at all')];
    if (nodes.value.length === 0) return [say.unknown(subject, 'the cluster reports no nodes')];
    const ready = new Map(nodes.value.filter(isReady).map((node) => [node.metadata.name, readySince(node)]));
    // Whose kubelet is known not to answer begins with nothing: that is said of the node.
    const late = pods.value.filter((pod) => {
      const since = ready.get(nodeOf(pod) ?? '');
      return since !== undefined && now.value - since > BEGINS_WITHIN.seconds * 1_000 && isLate(pod, now.value);
    });
    if (late.length === 0) return [say.pass(subject, 'each kubelet that is Ready has begun with them')];
    if (!events.ok)
      return [say.unknown(subject, `kubelets have not begun with ${names(late)}: ${events.failure.message}`)];
    const seen = new Set(kubeletEvents(events.value).map(({ uid }) => uid));
    return grouped(late, (pod) => nodeOf(pod) ?? '').map(([node, its]) =>
      judge(cluster, node, its, { seen, now: now.value }),
    );
  },
};

/** What was assigned while it was down it sees only once it is back. */
const readySince = (node: LiveObject): number => timeOf(textAt(conditionOf(node, 'Ready'), 'lastTransitionTime')) ?? 0;

/** Pending and without the time at which the kubelet took it over. */
const isLate = (pod: LiveObject, now: number): boolean =>
  phaseOf(pod) === 'Pending' &&
  textAt(pod.status, 'startTime') === undefined &&
  !isTerminating(pod) &&
  !isMirror(pod) &&
  now - assignedAt(pod, now) > BEGINS_WITHIN.seconds * 1_000;

const assignedAt = (pod: LiveObject, now: number): number =>
  timeOf(textAt(conditionOf(pod, 'PodScheduled'), 'lastTransitionTime')) ??
  timeOf(pod.metadata.creationTimestamp) ??
  now;

interface Seen {
  /** Pods, by uid, of which their kubelet told an event. */
  readonly seen: ReadonlySet<string>;
  readonly now: number;
}

function judge(cluster: Cluster, node: string, pods: readonly LiveObject[], { seen, now }: Seen): CheckResult {
  const longest = spanOf(now - Math.min(...pods.map((pod) => assignedAt(pod, now))));
  const expected = `pods that its kubelet begins with within ${describeDuration(BEGINS_WITHIN)}`;
  const unseen = pods.filter(({ metadata }) => !seen.has(metadata.uid));
  // It works on all of them and nothing of it arrives: then it is the writing that fails.
  if (unseen.length === 0)
    return say.fail(`node ${node}`, {
      expected,
      found: `it tells events of ${names(pods)} and no status for ${longest}: what it writes does not arrive`,
      next: `selfheal check --context NAME --only datastore   # it says whether the datastore of ${node} ends what it is asked`,
      incident: STATUS_LOST,
    });
  return say.fail(`node ${node}`, {
    expected,
    found: `for ${longest} no start time and no event of ${names(unseen)}, and the node is Ready: its kubelet does not see them`,
    next: nodeRestart(cluster, node),
    incident: KUBELET_STALLED,
    cause: { id: 'kubelet-stall', node },
  });
}

const names = (pods: readonly LiveObject[]): string => listed(pods.map(podName));

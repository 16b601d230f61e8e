/** Nodes whose kubelet is Ready and does not begin with pods that were assigned to it. */
import { at, textAt } from '../../../manifest/json.js';
import type { LiveObject } from '../../../manifest/live-object.js';
import { listed } from '../../words.js';
import type { HealthCheck } from '../facts.js';
import { grouped } from '../grouped.js';
import { conditionOf, isReady, nodeOf, spanOf, timeOf } from '../live.js';
import { isMirror, isTerminating, phaseOf, podName } from '../pod.js';
import { kubeletEvents } from '../pod-events.js';
import type { CheckResult, Incident } from '../result.js';
import { saying } from '../saying.js';

const ID = 'kubelet-stall';
const say = saying(ID);

/** A kubelet that sees a pod sets its start time within a second; a node under load takes more. */
const BEGINS_WITHIN_MS = 60_000;

const INCIDENT: Incident = {
  anchor: 'pvek8s-dqlite',
  did: 'one kubelet did not see new pods until its second restart',
};

export const kubeletStallCheck: HealthCheck = {
  id: ID,
  summary: 'every kubelet that is Ready begins with the pods that are assigned to it',
  asks: ['pods', 'nodes', 'events'],
  answer: ({ now, of }) => {
    const subject = 'pods that are assigned';
    const [pods, nodes, events] = [of('pods'), of('nodes'), of('events')];
    if (!pods.ok) return [say.unknown(subject, pods.failure)];
    if (!nodes.ok) return [say.unknown(subject, nodes.failure)];
    if (!now.ok) return [say.unknown(subject, now.failure)];
    if (pods.value.length === 0) return [say.unknown(subject, 'the cluster reports no pod at all')];
    const ready = new Set(nodes.value.filter(isReady).map(({ metadata }) => metadata.name));
    // Whose kubelet is known not to answer begins with nothing: that is said of the node.
    const late = pods.value.filter((pod) => isLate(pod, now.value) && ready.has(nodeOf(pod) ?? ''));
    if (late.length === 0) return [say.pass(subject, 'each kubelet that is Ready has begun with them')];
    if (!events.ok)
      return [say.unknown(subject, `kubelets have not begun with ${names(late)}: ${events.failure.message}`)];
    const seen = new Set(kubeletEvents(events.value).map(({ uid }) => uid));
    return grouped(late, (pod) => nodeOf(pod) ?? '').map(([node, its]) => judge(node, its, seen, now.value));
  },
};

/** Pending and without the time at which the kubelet took it over. */
const isLate = (pod: LiveObject, now: number): boolean =>
  phaseOf(pod) === 'Pending' &&
  textAt(pod.status, 'startTime') === undefined &&
  !isTerminating(pod) &&
  !isMirror(pod) &&
  now - assignedAt(pod, now) > BEGINS_WITHIN_MS;

const assignedAt = (pod: LiveObject, now: number): number =>
  timeOf(textAt(conditionOf(pod, 'PodScheduled'), 'lastTransitionTime')) ??
  timeOf(at(pod.metadata, 'creationTimestamp')?.toString()) ??
  now;

function judge(node: string, pods: readonly LiveObject[], seen: ReadonlySet<string>, now: number): CheckResult {
  const longest = spanOf(now - Math.min(...pods.map((pod) => assignedAt(pod, now))));
  const expected = `pods that its kubelet begins with within ${spanOf(BEGINS_WITHIN_MS)}`;
  const unseen = pods.filter(({ metadata }) => !seen.has(metadata.uid));
  // It works on all of them and nothing of it arrives: then it is the writing that fails.
  if (unseen.length === 0)
    return say.fail(`node ${node}`, {
      expected,
      found: `it tells events of ${names(pods)} and no status for ${longest}: what it writes does not arrive`,
      next: `look for "context canceled" in the datastore's log on ${node}: selfheal check --only datastore`,
      incident: { anchor: 'pvek8s-dqlite', did: 'one kubelet could not write the status of any pod' },
    });
  return say.fail(`node ${node}`, {
    expected,
    found: `for ${longest} no start time and no event of ${names(unseen)}, and the node is Ready: its kubelet does not see them`,
    next: `kubectl cordon ${node}, restart its kubelet, kubectl uncordon ${node}`,
    incident: INCIDENT,
    cause: { id: 'kubelet-stall', node },
  });
}

const names = (pods: readonly LiveObject[]): string => listed(pods.map(podName));

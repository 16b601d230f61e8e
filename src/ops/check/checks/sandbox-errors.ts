/** Pods whose sandbox cannot be made because containerd holds its name for one that is gone (RC-3). */
import { textAt } from '../../../manifest/json.js';
import type { LiveObject } from '../../../manifest/live-object.js';
import { counted, listed } from '../../words.js';
import type { HealthCheck } from '../facts.js';
import { grouped } from '../grouped.js';
import { nodeRestart } from '../hosts.js';
import { SANDBOX_NAMES_RESERVED } from '../incidents.js';
import { nodeOf, spanOf } from '../live.js';
import { isTerminating, phaseOf, podName } from '../pod.js';
import { kubeletEvents } from '../pod-events.js';
import { saying } from '../saying.js';
import { EVENTS_WITHIN } from '../thresholds.js';

const ID = 'sandbox-errors';
const say = saying(ID);

export const sandboxErrorsCheck: HealthCheck = {
  id: ID,
  summary: 'no pod waits for a sandbox whose name containerd keeps for another',
  asks: ['pods', 'events'],
  answer: ({ cluster, now, of }) => {
    const subject = 'sandboxes of pods';
    const [pods, events] = [of('pods'), of('events')];
    if (!events.ok) return [say.unknown(subject, events.failure)];
    if (!pods.ok) return [say.unknown(subject, pods.failure)];
    if (!now.ok) return [say.unknown(subject, now.failure)];
    if (pods.value.length === 0) return [say.unknown(subject, 'the cluster reports no pod at all')];
    const refused = kubeletEvents(events.value).filter(
      ({ reason, message, last }) =>
        reason === 'FailedCreatePodSandBox' &&
        /\bis reserved for\b/.test(message) &&
        now.value - last <= EVENTS_WITHIN.seconds * 1_000,
    );
    const waiting = pods.value.filter(waitsForSandbox).flatMap((pod) => {
      const its = refused.filter(({ uid }) => uid === pod.metadata.uid);
      return its.length === 0 ? [] : [{ pod, events: its }];
    });
    if (waiting.length === 0) return [say.pass(subject, 'no pod waits for a name that is kept for another')];
    return grouped(waiting, ({ pod }) => nodeOf(pod) ?? '').map(([node, group]) => {
      const its = group.flatMap((each) => each.events);
      const times = its.reduce((sum, { count }) => sum + count, 0);
      const last = Math.max(...its.map((event) => event.last));
      return say.fail(`node ${node}`, {
        expected: 'sandboxes that can be made',
        found: `name is reserved for another, ${counted(times, 'time')}, the last ${spanOf(now.value - last)} ago: ${listed(group.map(({ pod }) => podName(pod)))}`,
        next: nodeRestart(cluster, node),
        incident: SANDBOX_NAMES_RESERVED,
        cause: { id: 'rc-3', node },
      });
    });
  },
};

/** With an address, or a phase beyond, it has its sandbox: what was refused before is over. */
const waitsForSandbox = (pod: LiveObject): boolean =>
  phaseOf(pod) === 'Pending' && nodeOf(pod) !== undefined && !isTerminating(pod) && !textAt(pod.status, 'podIP');

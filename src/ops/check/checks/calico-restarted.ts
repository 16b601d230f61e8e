/**
 * calico-node has been started anew with every host.
 *
 * No process outlives its kernel, but the API may go on telling of a container that did: the kubelet has not seen it
 * start, and Felix may go on with its old picture. What is compared is by the host's own clock on both sides.
 */
import { at, listAt, textAt } from '../../../manifest/json.js';
import type { LiveObject } from '../../../manifest/live-object.js';
import type { HealthCheck } from '../facts.js';
import { type Host, isReportedOn, onEachHost, reportOf } from '../hosts.js';
import { NO_CLUSTER_IP_RULES } from '../incidents.js';
import { nodeOf, timeOf } from '../live.js';
import type { CheckResult } from '../result.js';
import { saying } from '../saying.js';

const say = saying('calico-restarted');

const CONTAINER = 'calico-node';

/** The two are rounded, and the kernel counts its uptime from a moment before its clock is set. */
const ROUNDED_SECONDS = 5;

export const calicoRestartedCheck: HealthCheck = {
  id: 'calico-restarted',
  summary: 'calico-node has been started since each host booted',
  asks: ['pods', 'hostReports'],
  applies: (cluster) => cluster.calico && isReportedOn(cluster),
  answer: (facts) => {
    const pods = facts.of('pods');
    const all = `calico-node of ${facts.cluster.name}`;
    if (!pods.ok) return [say.unknown(all, pods.failure)];
    const calico = pods.value.filter(({ metadata }) => metadata.labels?.['k8s-app'] === CONTAINER);
    if (calico.length === 0)
      return [say.unknown(all, 'the cluster reports no pod of it, and the description says Calico')];
    return onEachHost(facts, {
      say,
      of: 'others',
      well: 'calico-node was started after its boot',
      judge: (host) => judge(host, calico),
    });
  },
};

function judge({ node, report }: Host, calico: readonly LiveObject[]): readonly CheckResult[] {
  const subject = `calico-node on ${node.name}`;
  const there = calico.filter((each) => nodeOf(each) === node.name && each.metadata.deletionTimestamp === undefined);
  const [pod] = there;
  if (pod === undefined && calico.some((each) => nodeOf(each) === node.name))
    return [say.unknown(subject, 'it is being replaced: ask again in a minute')];
  if (pod === undefined)
    return [
      say.fail(subject, {
        expected: 'a pod of it',
        found: 'none: nobody programs the network of this host',
        next: 'kubectl -n kube-system describe daemonset calico-node',
        incident: NO_CLUSTER_IP_RULES,
      }),
    ];
  const { name, namespace = 'kube-system' } = pod.metadata;
  const started = startOf(pod);
  if (started === undefined)
    return [
      say.fail(subject, {
        expected: `its container ${CONTAINER} running`,
        found: waitsFor(pod),
        next: `kubectl -n ${namespace} describe pod ${name}`,
        incident: NO_CLUSTER_IP_RULES,
      }),
    ];
  const before = isBeforeBoot(started, { node, report });
  if (before === false) return [];
  if (before === null)
    return [
      say.unknown(subject, 'whether it was started before the boot cannot be told by clocks', reportOf(node.name)),
    ];
  return [
    say.fail(subject, {
      expected: 'a start after the boot of the host',
      found: `started ${new Date(started).toISOString()}, before it: its rules may be of another boot`,
      incident: NO_CLUSTER_IP_RULES,
      next: `kubectl -n ${namespace} delete pod ${name}   # gentler than a restart, where nothing else is wrong there`,
      cause: { id: 'rc-2', node: node.name },
    }),
  ];
}

/** The host's own check remembers what the boot before knew; without it only clocks can say, where one runs through a boot. */
function isBeforeBoot(started: number, { node, report }: Pick<Host, 'node' | 'report'>): boolean | null {
  if (report.calicoBeforeBoot !== null) return report.calicoBeforeBoot;
  const { epochSeconds, uptimeSeconds, clockSynchronized } = report;
  if (epochSeconds === null || uptimeSeconds === null) return null;
  const booted = (epochSeconds - uptimeSeconds) * 1_000;
  if (started >= booted - ROUNDED_SECONDS * 1_000) return false;
  // A Raspberry Pi boots with the time of its last shutdown: what starts before it is told the time looks older.
  return node.board === 'raspberry-pi' || clockSynchronized !== true ? null : true;
}

const statusOf = (pod: LiveObject) =>
  listAt(pod.status, 'containerStatuses').find((each) => textAt(each, 'name') === CONTAINER);

const startOf = (pod: LiveObject): number | undefined => timeOf(textAt(statusOf(pod), 'state', 'running', 'startedAt'));

function waitsFor(pod: LiveObject): string {
  const status = statusOf(pod);
  if (status === undefined) return 'no container of that name';
  const reason = textAt(status, 'state', 'waiting', 'reason') ?? textAt(status, 'state', 'terminated', 'reason');
  return reason ?? `a state that is none: ${JSON.stringify(at(status, 'state') ?? null)}`;
}

/**
 * A scheduler that renews its lease and schedules nothing, told apart from a cluster that is full.
 *
 * Where the scheduler has looked at a pod it leaves a condition, also where it found no place; one that stalls leaves
 * nothing. Events alone would not tell: MicroK8s keeps them for five minutes.
 */
import { describeDuration } from '../../../cluster/duration.js';
import { at, listAt, textAt } from '../../../manifest/json.js';
import type { Answer, LiveObject } from '../../../manifest/live-object.js';
import type { CheckFacts, HealthCheck } from '../facts.js';
import { SCHEDULER_STALLED } from '../incidents.js';
import { controlPlaneLease, readLease } from '../lease.js';
import { conditionOf, isCordoned, nodeOf, someOf, spanOf, timeOf } from '../live.js';
import { hasClaim, waitsForVolume } from '../new-volume.js';
import { isTerminating, phaseOf, podName } from '../pod.js';
import type { CheckResult } from '../result.js';
import { saying } from '../saying.js';
import { SKEW_SECONDS, UNTOUCHED } from '../thresholds.js';

const { pass, fail, unknown } = saying('scheduler-stall');

const SUBJECT = 'pods that wait for a node';
const PENDING = "kubectl get pods -A --field-selector=status.phase=Pending,spec.nodeName=''";

export const schedulerStallCheck: HealthCheck = {
  id: 'scheduler-stall',
  summary: 'pods that wait are looked at: a scheduler that stalls is told apart from a cluster that is full',
  asks: ['pods', 'events', 'leases', 'nodes', 'claims'],
  answer: (facts) => {
    const { now } = facts;
    const pods = facts.of('pods');
    if (!pods.ok) return [unknown(SUBJECT, pods.failure)];
    if (pods.value.length === 0) return [unknown(SUBJECT, 'the cluster reports no pods at all')];
    if (!now.ok) return [unknown(SUBJECT, now.failure)];
    const waiting = pods.value.filter(waitsForScheduler);
    const early = waiting.filter((pod) => !isLookedAt(pod) && ageOf(pod, now.value) < -SKEW_SECONDS * 1_000);
    if (early.length > 0)
      return [unknown(SUBJECT, `made in the future: ${someOf(early.map(podName))}; a clock was wrong`)];
    const old = waiting.filter((pod) => ageOf(pod, now.value) > UNTOUCHED.seconds * 1_000);
    if (old.length === 0)
      return [pass(SUBJECT, waiting.length === 0 ? 'none' : `${waiting.length}, and none for ${PATIENCE}`)];
    return [...untouched(facts, old, now.value), ...refused(facts, old, now.value)];
  },
};

const PATIENCE = describeDuration(UNTOUCHED);

/** Not what waits on purpose, for another scheduler, or to be gone. */
const waitsForScheduler = (pod: LiveObject): boolean =>
  phaseOf(pod) === 'Pending' &&
  (nodeOf(pod) ?? '') === '' &&
  !isTerminating(pod) &&
  listAt(pod.spec, 'schedulingGates').length === 0 &&
  (textAt(pod.spec, 'schedulerName') ?? 'default-scheduler') === 'default-scheduler';

/** By the API server's clock, both of them. */
const ageOf = ({ metadata }: LiveObject, now: number): number => now - (timeOf(metadata.creationTimestamp) ?? now);

const isLookedAt = (pod: LiveObject): boolean => conditionOf(pod, 'PodScheduled') !== undefined;

function untouched(facts: CheckFacts, old: readonly LiveObject[], now: number): readonly CheckResult[] {
  const without = old.filter((pod) => !isLookedAt(pod));
  if (without.length === 0) return [];
  const claims = facts.of('claims');
  // One that needs no volume shows a stall, whatever could be said of the claims.
  const silent = without.filter((pod) => (claims.ok ? !waitsForVolume(pod, claims.value, now) : !hasClaim(pod)));
  if (silent.length === 0) {
    const found = `${without.length} with a node, and a volume that is still being made there: ${someOf(without.map(podName))}`;
    return [claims.ok ? pass(SUBJECT, found) : unknown(SUBJECT, claims.failure)];
  }
  const events = facts.of('events');
  // Without them half of the sign is missing, and restarting a scheduler is no small thing.
  if (!events.ok) return [unknown(SUBJECT, events.failure)];
  const told = new Set(events.value.filter(isOfScheduler).map((event) => textAt(event, 'involvedObject', 'uid')));
  const stalled = silent.filter(({ metadata }) => !told.has(metadata.uid));
  if (stalled.length === 0)
    return [
      unknown(SUBJECT, `${silent.length} with an event and no condition: the scheduler could not write what it found`),
    ];
  const oldest = Math.max(...stalled.map((pod) => ageOf(pod, now)));
  const found = `${stalled.length} without condition or event, the oldest for ${spanOf(oldest)}: ${someOf(stalled.map(podName))}`;
  return [judge(facts, found, now)];
}

const isOfScheduler = (event: LiveObject): boolean =>
  /^(FailedScheduling|Scheduled)$/.test(textAt(event, 'reason') ?? '');

function judge(facts: CheckFacts, found: string, now: number): CheckResult {
  const expected = `each pod looked at within ${PATIENCE}`;
  const holder = holderOf(facts, now);
  if (!holder.ok)
    return unknown(SUBJECT, `${found}; whether the scheduler renews its lease: ${holder.failure.message}`);
  if (holder.value === null)
    return fail(SUBJECT, {
      expected,
      found: `${found}; and nobody renews the scheduler's lease`,
      next: 'kubectl -n kube-system get lease kube-scheduler -o yaml',
      incident: SCHEDULER_STALLED,
    });
  return fail(SUBJECT, {
    expected,
    found: `${found}; ${facts.cluster.leaderElection ? `${holder.value} renews the scheduler's lease meanwhile` : `the scheduler is on ${holder.value}`}`,
    next: `${PENDING}   # and on ${holder.value}: sudo journalctl -u ${unitOf(facts, holder.value)} --since=-10min | grep -i schedul`,
    incident: SCHEDULER_STALLED,
    cause: { id: 'rc-1', node: holder.value },
  });
}

const unitOf = ({ cluster }: CheckFacts, node: string): string =>
  cluster.distribution.kubeletUnit[cluster.nodes.find(({ name }) => name === node)?.role ?? 'control-plane'];

/** The node whose scheduler works, or should; null where nobody renews the lease. */
function holderOf({ cluster, of }: CheckFacts, now: number): Answer<string | null> {
  if (!cluster.leaderElection) return { ok: true, value: cluster.controlPlane.name };
  const leases = of('leases');
  if (!leases.ok) return leases;
  const lease = controlPlaneLease(leases.value, 'kube-scheduler');
  const held = lease === undefined ? null : readLease(lease, now);
  if (typeof held === 'string') return { ok: false, failure: { kind: 'server', message: held } };
  if (held === null || held.holder === '' || !held.isRenewed) return { ok: true, value: null };
  const { nodes } = cluster;
  return { ok: true, value: nodes.find(({ name }) => name === held.holder.split('.')[0])?.name ?? held.holder };
}

/** The scheduler has looked and found no place: the cluster is full, or the pod asks for what there is not. */
function refused(facts: CheckFacts, old: readonly LiveObject[], now: number): readonly CheckResult[] {
  const without = old.filter((pod) => isLookedAt(pod) && at(conditionOf(pod, 'PodScheduled'), 'status') !== 'True');
  const [first] = without;
  if (first === undefined) return old.every(isLookedAt) ? [pass(SUBJECT, `${old.length}, each of them looked at`)] : [];
  const oldest = Math.max(...without.map((pod) => ageOf(pod, now)));
  const found = `${without.length} looked at and refused, the oldest for ${spanOf(oldest)}: ${someOf(without.map(podName))}; ${reasonOf(first)}`;
  if (facts.node !== null) {
    const nodes = facts.of('nodes');
    if (!nodes.ok) return [unknown(SUBJECT, nodes.failure)];
    // What the node's own drain left without a place waits for the node.
    const own = nodes.value.find(({ metadata }) => metadata.name === facts.node);
    if (own !== undefined && isCordoned(own)) return [pass(SUBJECT, `${found}; ${facts.node} is cordoned meanwhile`)];
  }
  return [
    fail(SUBJECT, {
      expected: 'a place for each pod',
      found,
      next: `kubectl -n ${first.metadata.namespace ?? 'default'} describe pod ${first.metadata.name}`,
    }),
  ];
}

const reasonOf = (pod: LiveObject): string =>
  (textAt(conditionOf(pod, 'PodScheduled'), 'message') ?? 'no reason given').replaceAll(/\s+/g, ' ').slice(0, 200);

/**
 * Pods of Jiva that hang, and what may be done about each.
 *
 * While an old controller is there Jiva's operator does not reconcile its volume; without controller no replica gets
 * healthy, so that the budget of the replicas is never met. Nobody in the cluster ends this.
 */
import { at, numberAt, textsAt } from '../../../manifest/json.js';
import type { Answer, LiveObject } from '../../../manifest/live-object.js';
import { listed } from '../../words.js';
import type { HealthCheck } from '../facts.js';
import { grouped } from '../grouped.js';
import { JIVA_CONTROLLERS_HUNG, JIVA_REPLICAS_HUNG, ORPHANS_STAYED } from '../incidents.js';
import { jivaPod, jivaVolumes, replicasOf } from '../jiva.js';
import { nodeOf, spanOf, timeOf } from '../live.js';
import { hasEnded, hasOwner, isTerminating, overdue, podName } from '../pod.js';
import type { CheckResult } from '../result.js';
import { saying } from '../saying.js';
import { selects } from '../selector.js';
import { HANGS, LEFT_OVER } from '../thresholds.js';

const ID = 'jiva-deadlock';
const say = saying(ID);

export const jivaDeadlockCheck: HealthCheck = {
  id: ID,
  summary: 'pods of Jiva that do not end behind their disruption budget, and provisioner pods that nobody owns',
  asks: ['pods', 'budgets', 'jivaVolumes', 'jivaVolumesV1'],
  applies: ({ jiva }) => jiva !== null,
  answer: ({ cluster: { jiva }, now, of }) => {
    if (jiva === null) return [];
    const subject = `pods of Jiva in ${jiva.namespace}`;
    const pods = of('pods');
    if (!pods.ok) return [say.unknown(subject, pods.failure)];
    if (!now.ok) return [say.unknown(subject, now.failure)];
    const its = pods.value.filter(({ metadata }) => metadata.namespace === jiva.namespace);
    if (its.length === 0)
      return [say.unknown(subject, `there is no pod in ${jiva.namespace}, and the description counts on Jiva`)];
    const look: Look = {
      pods: its,
      budgets: of('budgets'),
      volumes: jivaVolumes(of),
      now: now.value,
      usual: jiva.replicas,
    };
    const hanging = its.filter(
      (pod) => jivaPod(pod) !== null && (overdue(pod, now.value) ?? 0) > HANGS.seconds * 1_000,
    );
    const orphans = pods.value.filter((pod) => !hanging.includes(pod) && isOrphan(pod, jiva.namespace, now.value));
    const found = [
      ...byNode(hanging.filter((pod) => jivaPod(pod)?.part === 'controller')).map((group) => controllers(group, look)),
      ...hanging.filter((pod) => jivaPod(pod)?.part === 'replica').map((pod) => replica(pod, look)),
      ...byNode(orphans).map((group) => leftOver(group, now.value)),
    ];
    return found.length > 0 ? found : [say.pass(subject, 'none hangs in Terminating, and none is without an owner')];
  },
};

interface Look {
  readonly pods: readonly LiveObject[];
  readonly budgets: Answer<readonly LiveObject[]>;
  readonly volumes: Answer<readonly LiveObject[]>;
  readonly now: number;
  readonly usual: number;
}

function controllers([node, pods]: ByNode, look: Look): CheckResult {
  const short = shortBudgets(pods, look);
  const budgets = short.ok
    ? short.value.length === 0
      ? 'no disruption budget of theirs lacks a pod'
      : listed(
          short.value.map(
            ({ metadata, status }) =>
              `budget ${metadata.name} needs ${numberAt(status, 'desiredHealthy')} healthy pods and has ${numberAt(status, 'currentHealthy')}`,
          ),
          3,
        )
    : `whether a budget lacks pods cannot be told: ${short.failure.message}`;
  return say.fail(`Jiva controllers on ${where(node)}`, {
    expected: 'pods that end',
    found: `${hangs(pods, look.now)}; ${budgets}`,
    next: `${forceDelete(pods)}   # controllers only: they keep no data, and nothing gentler ends this${
      pods.some(hasFinalizer) ? '; a finalizer has to be taken away besides' : ''
    }`,
    incident: JIVA_CONTROLLERS_HUNG,
    ...(short.ok && short.value.length > 0 && { cause: { id: 'jiva-budget', node } as const }),
  });
}

/** Of the same volumes, whichever of their pods they count. */
function shortBudgets(pods: readonly LiveObject[], { pods: all, budgets }: Look): Answer<readonly LiveObject[]> {
  if (!budgets.ok) return budgets;
  const volumes = new Set(pods.map((pod) => jivaPod(pod)?.volume));
  const theirs = all.filter((pod) => volumes.has(jivaPod(pod)?.volume));
  const value = budgets.value.filter(
    ({ metadata, spec, status }) =>
      theirs.some(
        (pod) => metadata.namespace === pod.metadata.namespace && selects(at(spec, 'selector'), pod.metadata.labels),
      ) && (numberAt(status, 'currentHealthy') ?? 0) < (numberAt(status, 'desiredHealthy') ?? 0),
  );
  return { ok: true, value };
}

function replica(pod: LiveObject, look: Look): CheckResult {
  const others = otherHealthy(pod, look);
  const wrong = (found: string, next: string): CheckResult =>
    say.fail(`Jiva replica ${podName(pod)}`, {
      expected: 'a pod that ends',
      found: `${hangs([pod], look.now)}; anti-affinity keeps its successor away; ${found}`,
      next,
      incident: JIVA_REPLICAS_HUNG,
    });
  if (!others.ok)
    return wrong(
      `whether another replica has the data cannot be told: ${others.failure.message}`,
      `do NOT delete it by force: ${get(pod)}`,
    );
  if (others.value === 0)
    return wrong(
      'no other replica of its volume is healthy',
      `do NOT delete it by force, it may have the only good data: ${get(pod)}`,
    );
  return wrong(
    `${others.value} other healthy`,
    `${forceDelete([pod])}   # only while another replica is healthy, and nothing of this one runs on ${where(nodeOf(pod) ?? null)} any more`,
  );
}

/** By what Jiva itself says; a pod that is Ready may be out of date. */
function otherHealthy(pod: LiveObject, { pods, volumes, usual }: Look): Answer<number> {
  if (!volumes.ok) return volumes;
  const name = jivaPod(pod)?.volume;
  const volume = volumes.value.find(({ metadata }) => metadata.name === name);
  if (volume === undefined)
    return { ok: false, failure: { kind: 'refused', message: `there is no JivaVolume ${name}` } };
  // Its own address may still be among them, but a pod that terminates does not count; one without a known pod neither.
  const { healthy } = replicasOf(volume, pods, usual);
  return { ok: true, value: healthy.filter((node) => node !== null).length };
}

const HELPER = /^(hostpath-provisioner-|(init|cleanup|quota)-pvc-|pvc-)/;

/** The provisioners make their helpers in the namespace of Jiva or, those of MicroK8s, in kube-system. */
const isOrphan = (pod: LiveObject, namespace: string, now: number): boolean =>
  [namespace, 'kube-system'].includes(pod.metadata.namespace ?? '') &&
  HELPER.test(pod.metadata.name) &&
  !hasOwner(pod) &&
  !hasEnded(pod) &&
  ((overdue(pod, now) ?? 0) > HANGS.seconds * 1_000 ||
    now - (timeOf(pod.metadata.creationTimestamp) ?? now) > LEFT_OVER.seconds * 1_000);

const leftOver = ([node, pods]: ByNode, now: number): CheckResult =>
  say.fail(`provisioner pods on ${where(node)}`, {
    expected: 'none without an owner: they live for seconds',
    found: listed(
      pods.map((pod) => `${podName(pod)} (${spanOf(now - (timeOf(pod.metadata.creationTimestamp) ?? now))} old)`),
      6,
    ),
    next: pods.some(isTerminating) ? forceDelete(pods) : `${deletion(pods)}   # nobody else ever will`,
    incident: ORPHANS_STAYED,
    cause: { id: 'jiva-orphans', node },
  });

type ByNode = readonly [node: string | null, pods: readonly LiveObject[]];

const byNode = (pods: readonly LiveObject[]): readonly ByNode[] => grouped(pods, (pod) => nodeOf(pod) ?? null);

const where = (node: string | null): string => node ?? 'no node';

const hasFinalizer = ({ metadata }: LiveObject): boolean => textsAt(metadata, 'finalizers').length > 0;

const hangs = (pods: readonly LiveObject[], now: number): string =>
  grouped(pods, (pod) => {
    const finalizers = textsAt(pod.metadata, 'finalizers');
    const held = finalizers.length === 0 ? '' : `, held by the finalizer ${finalizers.join(', ')}`;
    return `(Terminating, ${spanOf(overdue(pod, now) ?? 0)} past its grace${held})`;
  })
    .map(([how, its]) => `${listed(its.map(podName), 8)} ${how}`)
    .join(', ');

const get = (pod: LiveObject): string => `kubectl -n ${pod.metadata.namespace} get pod ${pod.metadata.name} -o yaml`;

/** One command for each namespace. */
const deletion = (pods: readonly LiveObject[], how = ''): string =>
  grouped(pods, ({ metadata }) => metadata.namespace ?? '')
    .map(
      ([namespace, its]) =>
        `kubectl -n ${namespace} delete pod ${its.map(({ metadata }) => metadata.name).join(' ')}${how}`,
    )
    .join(' && ');

const forceDelete = (pods: readonly LiveObject[]): string => deletion(pods, ' --force --grace-period=0');

/**
 * Which PodDisruptionBudgets would hold the drain of a node, decided as the eviction API decides it.
 *
 * Longhorn's budgets of its instance managers hold every drain until Longhorn takes them away: `longhorn-volumes` says
 * whether it will.
 */
import type { Cluster } from '../../../cluster/cluster.js';
import { at, numberAt, textAt } from '../../../manifest/json.js';
import type { LiveObject } from '../../../manifest/live-object.js';
import { counted, listed } from '../../words.js';
import type { HealthCheck } from '../facts.js';
import { grouped } from '../grouped.js';
import { conditionOf, isReady, nodeOf } from '../live.js';
import { hasEnded, isMirror, isOfDaemonSet, isTerminating, phaseOf, podName } from '../pod.js';
import type { CheckResult } from '../result.js';
import { saying } from '../saying.js';
import { selects } from '../selector.js';

const ID = 'disruption-budgets';
const say = saying(ID);

export const disruptionBudgetsCheck: HealthCheck = {
  id: ID,
  summary: 'disruption budgets that would hold a drain: of the node that is to go down, or of any node',
  asks: ['pods', 'budgets'],
  answer: ({ cluster, node, of }) => {
    const subject = node === null ? 'drain of any node' : `drain of node ${node}`;
    const [pods, budgets] = [of('pods'), of('budgets')];
    if (!pods.ok) return [say.unknown(subject, pods.failure)];
    if (!budgets.ok) return [say.unknown(subject, budgets.failure)];
    if (pods.value.length === 0) return [say.unknown(subject, 'the cluster reports no pod at all')];
    const judged = budgets.value.filter((budget) => !isOfInstanceManager(cluster, budget));
    const held = heldPods(
      pods.value.filter((pod) => wouldBeEvicted(pod, node)),
      judged,
    );
    if (held.length > 0) return byBudget(held);
    return [say.pass(subject, `none of ${counted(judged.length, 'disruption budget')} holds it`)];
  },
};

/** As a drain does: what a DaemonSet or the host itself would bring back at once stays. */
const wouldBeEvicted = (pod: LiveObject, node: string | null): boolean =>
  nodeOf(pod) !== undefined &&
  (node === null || nodeOf(pod) === node) &&
  !isTerminating(pod) &&
  !hasEnded(pod) &&
  !isMirror(pod) &&
  !isOfDaemonSet(pod);

const isOfInstanceManager = ({ longhorn }: Cluster, { metadata, spec }: LiveObject): boolean =>
  longhorn !== null &&
  metadata.namespace === longhorn.namespace &&
  textAt(spec, 'selector', 'matchLabels', 'longhorn.io/component') === 'instance-manager';

interface Hold {
  readonly verdict: 'fail' | 'unknown';
  readonly expected: string;
  readonly found: string;
  readonly next: string;
}

interface Held {
  readonly pod: LiveObject;
  readonly budgets: readonly LiveObject[];
  readonly hold: Hold;
}

const heldPods = (pods: readonly LiveObject[], budgets: readonly LiveObject[]): readonly Held[] =>
  pods.flatMap((pod) => {
    // An eviction asks no budget for a pod that has not begun.
    if (phaseOf(pod) === 'Pending') return [];
    const its = budgets.filter(
      ({ metadata, spec }) =>
        metadata.namespace === pod.metadata.namespace && selects(at(spec, 'selector'), pod.metadata.labels),
    );
    const [budget] = its;
    if (budget === undefined) return [];
    const hold = its.length > 1 ? holdOfMany(its) : holdOf(budget, pod);
    return hold === null ? [] : [{ pod, budgets: its, hold }];
  });

const holdOfMany = (budgets: readonly LiveObject[]): Hold => ({
  verdict: 'fail',
  expected: 'one budget for a pod',
  found: `${counted(budgets.length, 'budget')}: the eviction API refuses a pod that has more than one PodDisruptionBudget`,
  next: `take one away or narrow its selector: kubectl -n ${namespaceOf(budgets)} get poddisruptionbudgets ${namesOf(budgets)} -o yaml`,
});

function holdOf(budget: LiveObject, pod: LiveObject): Hold | null {
  const { metadata, spec, status } = budget;
  const name = `-n ${metadata.namespace} get poddisruptionbudget ${metadata.name}`;
  if (!isReady(pod) && textAt(spec, 'unhealthyPodEvictionPolicy') === 'AlwaysAllow') return null;

  const allowed = conditionOf(budget, 'DisruptionAllowed');
  if (textAt(allowed, 'reason') === 'SyncFailed')
    return {
      verdict: 'fail',
      expected: 'a budget that its controller can count',
      found: `SyncFailed: ${textAt(allowed, 'message') || 'no message'}`,
      next: `kubectl ${name} -o yaml`,
    };

  const observed = numberAt(status, 'observedGeneration');
  const [healthy, needed, expected, room] = (
    ['currentHealthy', 'desiredHealthy', 'expectedPods', 'disruptionsAllowed'] as const
  ).map((field) => numberAt(status, field));
  if (observed === undefined || healthy === undefined || needed === undefined || room === undefined)
    return unsettled(`nobody has counted its pods yet: is kube-controller-manager running?`, name);
  if (observed < (metadata.generation ?? 0))
    return unsettled(
      `what was counted is of generation ${observed}, and it is at ${metadata.generation}: is kube-controller-manager running?`,
      name,
    );

  if (!isReady(pod) && needed > 0 && healthy >= needed) return null;
  if (room > 0) return null;
  const counts = `disruptionsAllowed ${room}: ${healthy} healthy, ${needed} needed, ${expected ?? 'an unknown number'} counted`;
  const more = `kubectl -n ${metadata.namespace} edit poddisruptionbudget ${metadata.name}`;
  if (expected === 0)
    return fail(
      `${counts}: no controller with a number of replicas owns its pods, so it never lets one go`,
      `mend its selector, or take it away: ${more}`,
    );
  if (healthy >= needed)
    return fail(`${counts}: it never lets one go`, `give it one replica more, or ask it for less: ${more}`);
  return fail(
    `${counts}: pods that are not ready use it up`,
    `kubectl -n ${metadata.namespace} get pods -o wide   # until ${needed + 1} of its pods are Ready`,
  );
}

const fail = (found: string, next: string): Hold => ({
  verdict: 'fail',
  expected: 'room for one eviction',
  found,
  next,
});

const unsettled = (found: string, name: string): Hold => ({
  verdict: 'unknown',
  expected: '',
  found,
  next: `kubectl ${name} -o yaml`,
});

const namespaceOf = ([budget]: readonly LiveObject[]): string => budget?.metadata.namespace ?? '';
const namesOf = (budgets: readonly LiveObject[]): string => budgets.map(({ metadata }) => metadata.name).join(' ');

/** One result for each budget and each reason, with all pods that it holds. */
function byBudget(held: readonly Held[]): readonly CheckResult[] {
  const groups = grouped(held, ({ budgets, hold }) =>
    JSON.stringify([namespaceOf(budgets), namesOf(budgets), hold.found]),
  );
  return groups.flatMap(([, group]) => {
    const [first] = group;
    if (first === undefined) return [];
    const { budgets, hold } = first;
    const subject = `PodDisruptionBudget ${namespaceOf(budgets)}/${budgets.map(({ metadata }) => metadata.name).join(' and ')}`;
    const pods = group.map(({ pod }) => `${podName(pod)} on ${nodeOf(pod)}`);
    const found = `${hold.found} (${listed(pods, 6)})`;
    return hold.verdict === 'unknown'
      ? [say.unknown(subject, found, hold.next)]
      : [say.fail(subject, { ...hold, found })];
  });
}

/**
 * No Plan of the system-upgrade-controller is at work on a node: it takes nodes down too, and knows of no lock of ours.
 *
 * Its work goes on where nobody sees its Job any more: a pod outlives a Job that was deleted, and the unit of the host
 * outlives both. So the list of Jobs alone is no answer, least of all an empty one.
 */
import type { Cluster } from '../../../cluster/cluster.js';
import { at, listAt, textAt, textsAt } from '../../../manifest/json.js';
import type { Answer, LiveObject } from '../../../manifest/live-object.js';
import type { HealthCheck } from '../facts.js';
import { ALL_NODES_AT_ONCE } from '../incidents.js';
import { nodeOf } from '../live.js';
import { hasEnded, podName } from '../pod.js';
import type { CheckResult } from '../result.js';
import { saying } from '../saying.js';

const { pass, fail, unknown } = saying('upgrades-at-work');

/** The controller sets them on its Jobs, and on their pods. */
const PLAN = 'upgrade.cattle.io/plan';
const NODE = 'upgrade.cattle.io/node';

export const upgradesAtWorkCheck: HealthCheck = {
  id: 'upgrades-at-work',
  summary: 'no Plan is upgrading a node',
  asks: ['nodes', 'pods', 'jobs', 'plans'],
  answer: ({ cluster, of }) => {
    const [jobs, pods, nodes] = [of('jobs'), of('pods'), of('nodes')];
    const all = `Plans of ${cluster.name}`;
    if (!jobs.ok) return [unknown(all, jobs.failure)];
    if (!pods.ok) return [unknown(all, pods.failure)];
    if (!nodes.ok) return [unknown(all, nodes.failure)];
    if (nodes.value.length === 0 || pods.value.length === 0)
      return [unknown(all, `the cluster reports no ${nodes.value.length === 0 ? 'node' : 'pod'} at all`)];
    const theirs = jobs.value.filter(({ metadata }) => metadata.labels?.[PLAN] !== undefined);
    const results = [
      ...theirs.filter((job) => !isOver(job)).map(atWork),
      ...pods.value.filter((pod) => isLeftOver(pod, theirs)).map(leftOver),
      ...untold(cluster, of('plans'), { jobs: theirs, nodes: nodes.value }),
    ];
    return results.length > 0 ? results : [pass(all, 'none of a Plan is at work')];
  },
};

/** One that was given up too. A suspended one may go on at any moment. */
const isOver = (job: LiveObject): boolean =>
  listAt(job, 'status', 'conditions').some(
    (each) => ['Complete', 'Failed'].includes(textAt(each, 'type') ?? '') && at(each, 'status') === 'True',
  );

const atWork = ({ metadata: { namespace = '', name, labels = {} } }: LiveObject): CheckResult =>
  fail(`Job ${namespace}/${name}`, {
    expected: 'no node that is being upgraded',
    found: `Plan ${labels[PLAN]} is at work on node ${labels[NODE] ?? 'unknown'}, or waits for its turn`,
    next: `let it end: kubectl -n ${namespace} get job ${name}`,
    incident: ALL_NODES_AT_ONCE,
  });

const jobOf = ({ metadata: { labels = {} } }: LiveObject): string | undefined =>
  labels['batch.kubernetes.io/job-name'] ?? labels['job-name'];

const isLeftOver = (pod: LiveObject, jobs: readonly LiveObject[]): boolean =>
  pod.metadata.labels?.[PLAN] !== undefined &&
  !hasEnded(pod) &&
  !jobs.some(({ metadata: { namespace, name } }) => namespace === pod.metadata.namespace && name === jobOf(pod));

const leftOver = (pod: LiveObject): CheckResult =>
  fail(`Pod ${podName(pod)}`, {
    expected: 'no node that is being upgraded',
    found: `Plan ${pod.metadata.labels?.[PLAN]} is at work on node ${nodeOf(pod) ?? 'unknown'}, and its Job is gone`,
    next: `let it end: kubectl -n ${pod.metadata.namespace} get pod ${pod.metadata.name}`,
    incident: ALL_NODES_AT_ONCE,
  });

interface There {
  readonly jobs: readonly LiveObject[];
  readonly nodes: readonly LiveObject[];
}

/** What Plans say that nobody can see: a host may be in the middle of its packages. */
function untold(
  { name, upgrades }: Cluster,
  plans: Answer<readonly LiveObject[]>,
  there: There,
): readonly CheckResult[] {
  const all = `Plans of ${name}`;
  // Where nobody has installed the controller, and nobody has described it, there is nothing to be told.
  if (!plans.ok) return plans.failure.kind === 'unknown-kind' && !upgrades ? [] : [unknown(all, plans.failure)];
  if (upgrades && !plans.value.some(({ metadata }) => metadata.namespace === upgrades.namespace))
    return [
      unknown(
        all,
        `there is none in ${upgrades.namespace}, and the description has upgrades: whether one that was begun has ended cannot be told`,
        `kubectl -n ${upgrades.namespace} get plans,jobs,pods`,
      ),
    ];
  return plans.value.flatMap((plan) => {
    const { namespace = '', name: its } = plan.metadata;
    return textsAt(plan.status, 'applying')
      .filter((node) => isUnseen(plan, node, there))
      .map((node) =>
        unknown(
          `Plan ${namespace}/${its}`,
          `it says that it is at work on node ${node}, which does not carry its mark, and its Job is gone: the host may go on`,
          `on ${node}: systemctl list-units 'selfheal-os-upgrade@*'`,
        ),
      );
  });
}

/** A Job is removed some time after it has ended; then the node carries the mark of the Plan. */
function isUnseen({ metadata, status }: LiveObject, node: string, { jobs, nodes }: There): boolean {
  const { namespace, name } = metadata;
  const hasJob = jobs.some(
    (job) =>
      job.metadata.namespace === namespace &&
      job.metadata.labels?.[PLAN] === name &&
      job.metadata.labels?.[NODE] === node,
  );
  const mark = nodes.find((each) => each.metadata.name === node)?.metadata.labels?.[`plan.upgrade.cattle.io/${name}`];
  return !hasJob && (mark === undefined || mark !== textAt(status, 'latestHash'));
}

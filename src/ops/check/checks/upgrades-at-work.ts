/** No Job of the system-upgrade-controller is at work: it takes a node down too, and knows of no lock of ours. */
import { at, listAt, textAt } from '../../../manifest/json.js';
import type { LiveObject } from '../../../manifest/live-object.js';
import type { HealthCheck } from '../facts.js';
import { ALL_NODES_AT_ONCE } from '../incidents.js';
import { saying } from '../saying.js';

const { pass, fail, unknown } = saying('upgrades-at-work');

/** The controller sets them on its Jobs. */
const PLAN = 'upgrade.cattle.io/plan';
const NODE = 'upgrade.cattle.io/node';

export const upgradesAtWorkCheck: HealthCheck = {
  id: 'upgrades-at-work',
  summary: 'no Job of a Plan is upgrading a node',
  asks: ['jobs'],
  answer: ({ cluster, of }) => {
    const jobs = of('jobs');
    const all = `Jobs of ${cluster.name}`;
    if (!jobs.ok) return [unknown(all, jobs.failure)];
    const atWork = jobs.value.filter((job) => job.metadata.labels?.[PLAN] !== undefined && !hasEnded(job));
    if (atWork.length === 0) return [pass(all, 'none of a Plan is at work')];
    return atWork.map(({ metadata: { namespace = '', name, labels = {} } }) =>
      fail(`Job ${namespace}/${name}`, {
        expected: 'no node that is being upgraded',
        found: `Plan ${labels[PLAN]} is at work on node ${labels[NODE] ?? 'unknown'}, or waits for its turn`,
        next: `let it end: kubectl -n ${namespace} get job ${name}`,
        incident: ALL_NODES_AT_ONCE,
      }),
    );
  },
};

/** One that was given up too. A suspended one may go on at any moment. */
const hasEnded = (job: LiveObject): boolean =>
  listAt(job, 'status', 'conditions').some(
    (each) => ['Complete', 'Failed'].includes(textAt(each, 'type') ?? '') && at(each, 'status') === 'True',
  );

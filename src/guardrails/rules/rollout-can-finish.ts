/** A Deployment that keeps its pods apart has nodes enough to be rolled out. */
import type { Cluster } from '../../cluster/cluster.js';
import { at, type Field, numberAt, show, textAt, textsAt } from '../../manifest/json.js';
import { HOSTNAME_LABEL } from '../../manifest/node-affinity.js';
import type { Guardrail, Violation } from '../guardrail.js';
import { eligibleNodes } from '../nodes.js';
import { hardSpreads, repellingTerms } from '../spread.js';
import type { Workload } from '../workloads.js';

export const rolloutCanFinish: Guardrail = {
  id: 'rollout-can-finish',
  severity: 'error',
  lesson:
    'Replicas that were terminating held the places that anti-affinity left, and their successors could not start until someone deleted them by force.',
  incident: 'pvek8s-rc-2-calico',
  check: ({ cluster, workloads }) =>
    workloads
      .filter(({ kind }) => ['Deployment', 'StatefulSet', 'ReplicaSet'].includes(kind))
      .flatMap((workload) => [...crowded(cluster, workload), ...unspreadable(cluster, workload)]),
};

const replicasOf = ({ manifest }: Workload): number => numberAt(manifest, 'spec', 'replicas') ?? 1;

function crowded(cluster: Cluster, workload: Workload): readonly Violation[] {
  const terms = repellingTerms(workload);
  if (terms.length === 0) return [];
  const nodes = eligibleNodes(cluster, workload.pod).length;
  const replicas = replicasOf(workload);
  if (replicas > nodes)
    return [
      {
        where: workload.where,
        found: `expected at most ${nodes} replicas (one on each eligible node), got ${replicas}`,
        mend: 'ask for fewer replicas, or spread with ScheduleAnyway',
      },
    ];
  const { surge, unavailable } = rolloutOf(workload, replicas);
  // Old and new pods do not repel each other when the term tells them apart.
  const isPerRevision = terms.every((term) => textsAt(term, 'matchLabelKeys').includes('pod-template-hash'));
  const isStuck = workload.kind === 'Deployment' && !isPerRevision && unavailable === 0 && replicas + surge > nodes;
  return isStuck
    ? [
        {
          where: workload.where,
          found: `expected room for a new pod before an old one goes (${replicas} replicas on ${nodes} eligible nodes, maxSurge ${surge}, maxUnavailable 0), got none`,
          mend: 'set strategy.rollingUpdate to maxUnavailable 1 and maxSurge 0',
        },
      ]
    : [];
}

interface Rollout {
  readonly surge: number;
  readonly unavailable: number;
}

/** As the Deployment controller resolves them: surge is rounded up, unavailable down, and both cannot be 0. */
function rolloutOf({ manifest }: Workload, replicas: number): Rollout {
  const strategy = at(manifest, 'spec', 'strategy');
  if (textAt(strategy, 'type') === 'Recreate') return { surge: 0, unavailable: replicas };
  const surge = resolve(at(strategy, 'rollingUpdate', 'maxSurge'), replicas, Math.ceil);
  const unavailable = resolve(at(strategy, 'rollingUpdate', 'maxUnavailable'), replicas, Math.floor);
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

function resolve(value: Field, replicas: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = Number(/^(\d+)%$/.exec(typeof value === 'string' ? value : '25%')?.[1] ?? 25);
  return round((percent * replicas) / 100);
}

function unspreadable(cluster: Cluster, workload: Workload): readonly Violation[] {
  const nodes = eligibleNodes(cluster, workload.pod).length;
  const replicas = replicasOf(workload);
  return hardSpreads(workload).flatMap((spread): readonly Violation[] => {
    const key = textAt(spread, 'topologyKey');
    const minDomains = numberAt(spread, 'minDomains') ?? 1;
    const maxSkew = numberAt(spread, 'maxSkew') ?? 1;
    const violation = (found: string): Violation => ({
      where: workload.where,
      found,
      mend: 'spread over kubernetes.io/hostname with no more domains than there are eligible nodes, or with ScheduleAnyway',
    });
    if (key !== HOSTNAME_LABEL)
      return [
        violation(`expected a spread over ${HOSTNAME_LABEL} (nodes without the key are never used), got ${show(key)}`),
      ];
    if (minDomains > nodes && replicas > nodes * maxSkew)
      return [violation(`expected minDomains of at most ${nodes} (the eligible nodes), got ${minDomains}`)];
    return nodes < 2 && replicas > 1
      ? [violation(`expected at least 2 eligible nodes to spread ${replicas} replicas over, got ${nodes}`)]
      : [];
  });
}

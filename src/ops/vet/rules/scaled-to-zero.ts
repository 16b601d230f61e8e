/** What runs goes on running. */
import { at, numberAt } from '../../../manifest/json.js';
import type { Pair, Placed } from '../change.js';
import { type Concern, concern, type VetRule } from '../rule.js';

export const scaledToZero: VetRule = {
  id: 'scaled-to-zero',
  severity: 'warning',
  reason:
    'Argo CD calls a workload without pods healthy and a suspended CronJob fine: what was switched off for an evening stays off, and selfHeal puts it back to zero when somebody scales it up.',
  mend: 'do it by a change that says until when, and restore it with a revert of that commit',
  check: ({ objects }) => objects.kept.flatMap((pair) => [...toZero(pair), ...suspended(pair)]),
};

/** Without a number these have one pod; of an operator's kinds nobody knows. */
const ONE_BY_DEFAULT = ['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController'];

function toZero({ before, after }: Pair<Placed>): readonly Concern[] {
  const { kind } = after.manifest;
  const field = kind === 'HorizontalPodAutoscaler' ? 'minReplicas' : 'replicas';
  const old =
    numberAt(before.manifest, 'spec', field) ?? (ONE_BY_DEFAULT.includes(kind) || field !== 'replicas' ? 1 : 0);
  if (numberAt(after.manifest, 'spec', field) !== 0 || old === 0) return [];
  const means = field === 'replicas' ? 'no pod is left' : 'it may take the last pod away';
  return [concern(after, `expected at least 1 replica (it has ${old}), got 0: ${means}`, ['spec', field])];
}

function suspended({ before, after }: Pair<Placed>): readonly Concern[] {
  const suspends = (placed: Placed) => at(placed.manifest, 'spec', 'suspend') === true;
  return ['CronJob', 'Job'].includes(after.manifest.kind) && suspends(after) && !suspends(before)
    ? [
        concern(after, 'expected it to go on running, got suspend true: nothing is started any more', [
          'spec',
          'suspend',
        ]),
      ]
    : [];
}

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

const SCALED = ['Deployment', 'StatefulSet', 'ReplicaSet'];

function toZero({ before, after }: Pair<Placed>): readonly Concern[] {
  const replicas = (placed: Placed) => numberAt(placed.manifest, 'spec', 'replicas');
  return SCALED.includes(after.manifest.kind) && replicas(after) === 0 && replicas(before) !== 0
    ? [
        concern(after, `expected at least 1 replica (it has ${replicas(before) ?? 1}), got 0: no pod is left`, [
          'spec',
          'replicas',
        ]),
      ]
    : [];
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

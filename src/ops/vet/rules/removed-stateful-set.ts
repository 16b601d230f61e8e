/** No StatefulSet leaves the cluster with its file. */
import { removed } from '../removals.js';
import type { VetRule } from '../rule.js';

export const removedStatefulSet: VetRule = {
  id: 'removed-stateful-set',
  severity: 'error',
  reason:
    'Staging and production lost all services to one deletion that was meant for one Application: a StatefulSet is what a database runs in, and its pods end at once and together.',
  mend: 'scale it down and copy its data away first; its claims stay unless persistentVolumeClaimRetentionPolicy says Delete',
  check: (change) => removed(change, ['apps/StatefulSet'], 'its pods end and what keeps state stops'),
};

/** No Application loses a large part of its objects at once. */

import type { SyncedApplication } from '../../../argo/tree.js';
import { placedApplication } from '../application.js';
import { keyOf } from '../change.js';
import { concern, named, type VetRule } from '../rule.js';

export const pruneShare: VetRule = {
  id: 'prune-share',
  severity: 'error',
  reason:
    'Argo CD stops only where every object of an Application would go: one file that is left standing, after a wrong path or a synth that failed half way, and all others are pruned.',
  mend: 'look why so much goes at once: a folder that moved, a synth that stopped; when it is meant, do it in several changes',
  check: (change, limits) =>
    change.applications.kept.flatMap(({ before, after }) => {
      const gone = change.objects.removed.filter(({ application }) => application === before);
      const total = before.objects.length;
      const deleted = gone.filter((placed) => change.fateOf(placed) !== 'kept');
      const count = isRefused(before, after) ? gone.length : deleted.length;
      const isLarge = count >= limits.pruneCount && count * 100 > limits.pruneShare * total;
      if (!isLarge && !isRefused(before, after)) return [];
      const shown = [...gone]
        .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
        .slice(0, 3)
        .map(named);
      const outcome = isRefused(before, after)
        ? 'Argo CD refuses to sync until something is there again'
        : 'they are pruned';
      return [
        concern(
          placedApplication(after, 'head'),
          `expected at most ${limits.pruneShare} % of its objects to go, got ${count} of ${total} (${shown.join(', ')}${count > 3 ? ', …' : ''}): ${outcome}`,
        ),
      ];
    }),
};

/** Nothing is left: Argo CD stops, and the Application is stuck. A folder that is gone it cannot read even with allowEmpty. */
function isRefused(before: SyncedApplication, after: SyncedApplication): boolean {
  if (before.objects.length === 0 || after.objects.length > 0) return false;
  return after.notRendered === null ? !after.policy.allowEmpty : after.notRendered.startsWith('folder ');
}

/** An object does not go from one Application to another. */
import { optionsOf } from '../../../guardrails/argo.js';
import { concern, type VetRule } from '../rule.js';

export const objectMoved: VetRule = {
  id: 'object-moved',
  severity: 'warning',
  reason:
    'Objects that moved from one owner to another were deleted by the old one: which of the two is synced first is chance, and the old one prunes what still carries its name.',
  mend: 'put Prune=false on the object in a change of its own, wait until that is live, then move the file',
  check: ({ objects }) =>
    objects.kept
      .filter(({ before, after }) => before.application.name !== after.application.name)
      .filter(({ before }) => before.application.policy.prune && !optionsOf(before.manifest).includes('Prune=false'))
      .map(({ before, after }) =>
        concern(
          after,
          `expected it to stay in ${before.application.name}, got it in ${after.application.name}: ${before.application.name} prunes it if it is synced first, and a new one is created`,
        ),
      ),
};

/** No Secret leaves the cluster with its file. */
import { removed } from '../removals.js';
import type { VetRule } from '../rule.js';

export const removedSecret: VetRule = {
  id: 'removed-secret',
  severity: 'warning',
  reason:
    'Git holds a Secret without its values, so what somebody filled in and the token that the cluster issued exist once: a backup whose key went with its Secret is no backup.',
  mend: 'read the values out and keep them before the file goes',
  check: (change) => removed(change, ['/Secret'], 'its values are in the cluster alone'),
};

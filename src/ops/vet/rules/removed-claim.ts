/** No claim or volume leaves the cluster with its file. */
import { HOLDING_DATA, removed } from '../removals.js';
import type { VetRule } from '../rule.js';

export const removedClaim: VetRule = {
  id: 'removed-claim',
  severity: 'error',
  reason:
    'A re-installation took the namespaces that Argo CD had created with it, and every volume in them: a claim that is deleted takes its data along wherever the volume is to be reclaimed.',
  mend: 'keep the file with the annotation argocd.argoproj.io/sync-options: Prune=false,Delete=false; copy the data away and delete the claim by hand when it is meant',
  check: (change) => removed(change, HOLDING_DATA, 'the data go with it'),
};

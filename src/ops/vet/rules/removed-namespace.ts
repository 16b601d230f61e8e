/** No Namespace leaves the cluster with its file. */
import { removed } from '../removals.js';
import type { VetRule } from '../rule.js';

export const removedNamespace: VetRule = {
  id: 'removed-namespace',
  severity: 'error',
  reason:
    'Installing Argo CD again deleted every namespace that it managed: a Namespace goes with everything in it, whoever made it.',
  mend: 'keep the file with the annotation argocd.argoproj.io/sync-options: Prune=false,Delete=false; empty the namespace first and delete it by hand when it is meant',
  check: (change) => removed(change, ['/Namespace'], 'everything in it goes with it'),
};

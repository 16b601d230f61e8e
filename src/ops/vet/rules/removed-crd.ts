/** No CustomResourceDefinition leaves the cluster with its file. */
import { removed } from '../removals.js';
import type { VetRule } from '../rule.js';

export const removedCrd: VetRule = {
  id: 'removed-crd',
  severity: 'error',
  reason:
    "A definition takes all objects of its kind along, in every namespace and of every owner: with Longhorn's go its volumes, with Argo CD's the Applications.",
  mend: 'keep the file with the annotation argocd.argoproj.io/sync-options: Prune=false,Delete=false; delete the objects first, then the definition by hand',
  check: (change) =>
    removed(change, ['apiextensions.k8s.io/CustomResourceDefinition'], 'every object of its kind goes with it'),
};

/** A CustomResourceDefinition whose file goes stays behind: that is said, because nothing else shows it. */
import { optionsOf } from '../../../guardrails/argo.js';
import { isLeftAlone } from '../../change/definitions.js';
import { isUnseen } from '../application.js';
import { concern, type VetRule } from '../rule.js';

export const orphanedCrd: VetRule = {
  id: 'orphaned-crd',
  severity: 'warning',
  reason:
    'Argo CD puts its mark on everything but definitions, so it does not prune them and shows none as left over: an old one stays, and its objects, until a new version of the operator meets them.',
  mend: 'when it is meant, delete the objects of the kind and then the definition by hand; otherwise keep the file',
  check: (change) =>
    change.objects.removed.flatMap((placed) =>
      placed.manifest.kind === 'CustomResourceDefinition' &&
      isLeftAlone(placed.application, placed.manifest) &&
      !optionsOf(placed.manifest).includes('Prune=false') &&
      !isUnseen(change, placed)
        ? [
            concern(
              placed,
              'expected it in Git as long as it is live, but its file is gone and it stays in the cluster',
            ),
          ]
        : [],
    ),
};

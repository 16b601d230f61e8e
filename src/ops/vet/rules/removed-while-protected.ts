/** What is protected is not dropped in one step. */
import { FOREIGN } from '../../../argo/sync-options.js';
import { optionsOf } from '../../../guardrails/argo.js';
import type { Manifest } from '../../../manifest/manifest.js';
import { isUnseen } from '../application.js';
import { concern, type VetRule } from '../rule.js';

export const removedWhileProtected: VetRule = {
  id: 'removed-while-protected',
  severity: 'warning',
  reason:
    'The object stays, with all that was ever patched into it, and its Application stays out of sync for ever ("requires pruning"): the next person prunes it by hand, and a whole CoreDNS goes.',
  mend: 'two commits: first reduce the file to its metadata with the protection in it and wait until that is live, then remove the file; selfheal retire makes the first',
  check: (change) =>
    change.objects.removed
      .filter((placed) => !isUnseen(change, placed))
      // A protected Application is another story: application-removed.
      .filter(({ manifest }) => manifest.kind !== 'Application' && optionsOf(manifest).includes('Prune=false'))
      .filter(({ application }) =>
        change.applications.removed.every((gone) => gone.source.file !== application.source.file),
      )
      .filter(({ manifest }) => manifest.metadata.annotations?.[FOREIGN] !== 'retiring' && !isEmptied(manifest))
      .map((placed) =>
        concern(
          placed,
          `expected it to be emptied first, but the file goes with its protection: the object stays as patched and ${placed.application.name} stays out of sync`,
          ['metadata', 'annotations'],
        ),
      ),
};

const isEmptied = (manifest: Manifest): boolean =>
  Object.keys(manifest).every((key) => ['apiVersion', 'kind', 'metadata'].includes(key));

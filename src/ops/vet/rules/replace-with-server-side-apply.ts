/** Nobody asks to apply and to replace at once. */
import { SYNC_OPTIONS } from '../../../argo/sync-options.js';
import { optionsOf } from '../../../guardrails/argo.js';
import type { Placed } from '../change.js';
import { concern, type VetRule } from '../rule.js';

export const replaceWithServerSideApply: VetRule = {
  id: 'replace-with-server-side-apply',
  severity: 'error',
  reason:
    "Replace wins over ServerSideApply without a word: a partial of somebody else's object then is the whole object, and what it leaves out is gone or the sync fails.",
  mend: 'take Replace=true away; where an object really has to be replaced, put ServerSideApply=false on it',
  check: (change) =>
    change
      .newly(fights)
      .map((placed) =>
        concern(placed, 'expected Replace=true or ServerSideApply=true, got both: it is replaced as a whole', [
          'metadata',
          'annotations',
          SYNC_OPTIONS,
        ]),
      ),
};

function fights(placed: Placed): boolean {
  const own = optionsOf(placed.manifest);
  const says = (option: string): boolean =>
    own.includes(`${option}=true`) || placed.application.policy.options.has(`${option}=true`);
  const refuses = (option: string): boolean => own.includes(`${option}=false`);
  return says('Replace') && says('ServerSideApply') && !refuses('Replace') && !refuses('ServerSideApply');
}

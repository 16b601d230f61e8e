/** What holds data is not deleted at each change of its file. */
import { SYNC_OPTIONS } from '../../../argo/sync-options.js';
import { optionsOf } from '../../../guardrails/argo.js';
import { groupOf } from '../../../manifest/manifest.js';
import type { Placed } from '../change.js';
import { HOLDING_DATA } from '../removals.js';
import { concern, type VetRule } from '../rule.js';

export const forcedReplacement: VetRule = {
  id: 'forced-replacement',
  severity: 'error',
  reason:
    'Argo CD deletes what it has to replace by force and creates it anew, at each change: the data of a claim go, and all that is in a namespace or of a CRD.',
  mend: 'take Force=true or Replace=true away; where it has to be made anew once, copy the data away and delete it by hand',
  check: (change) =>
    change
      .newly(isForced)
      .map((placed) =>
        concern(
          placed,
          'expected it changed in place, got Force=true with Replace=true: each change deletes it first',
          ['metadata', 'annotations', SYNC_OPTIONS],
        ),
      ),
};

const LOST_WITH = [...HOLDING_DATA, '/Namespace', 'apiextensions.k8s.io/CustomResourceDefinition'];

function isForced(placed: Placed): boolean {
  const { manifest, application } = placed;
  const options = [...optionsOf(manifest), ...application.policy.options];
  const isWithout = optionsOf(manifest).includes('Replace=false');
  if (isWithout || !options.includes('Replace=true') || !options.includes('Force=true')) return false;
  return LOST_WITH.includes(`${groupOf(manifest)}/${manifest.kind}`);
}

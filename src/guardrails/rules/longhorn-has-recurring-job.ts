/** Longhorn's volumes have at least one recurring job that reaches all of them. */

import { textsAt } from '../../manifest/json.js';
import type { Guardrail } from '../guardrail.js';

export const longhornHasRecurringJob: Guardrail = {
  id: 'longhorn-has-recurring-job',
  severity: 'warning',
  lesson:
    "The job that did the damage was deleted in the night; until the local snapshots took its place, nothing kept older states of Longhorn's volumes.",
  incident: 'nov-5-reverted',
  check: ({ cluster: { longhorn }, objects }) => {
    if (longhorn === null) return [];
    const reachesAll = objects.some(
      ({ manifest }) => manifest.kind === 'RecurringJob' && textsAt(manifest, 'spec', 'groups').includes('default'),
    );
    return reachesAll
      ? []
      : [
          {
            where: 'longhorn',
            found: 'expected a recurring job of the group "default" (every volume), got none',
            mend: 'add `dailySnapshot: { at: "03:00", retain: 7 }`',
          },
        ];
  },
};

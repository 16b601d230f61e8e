/** Longhorn's volumes have at least one recurring job that reaches all of them. */
import type { Guardrail } from '../guardrail.js';
import { textsAt } from '../json.js';

export const longhornHasRecurringJob: Guardrail = {
  id: 'longhorn-has-recurring-job',
  severity: 'warning',
  lesson:
    'The only job was the one that did the damage; when it was deleted in the night, nothing was left that made a copy.',
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

/** A scheduled job ends by itself, and no second one starts beside it. */

import { numberAt, show, textAt } from '../../manifest/json.js';
import { describe } from '../../manifest/manifest.js';
import type { Guardrail } from '../guardrail.js';

export const jobEnds: Guardrail = {
  id: 'job-ends',
  severity: 'error',
  lesson:
    'The backup of 03:00 was still running at 05:49, and its failures had piled up until the network stack froze.',
  incident: 'nov-5-backup-window',
  check: ({ objects }) =>
    objects
      .filter(({ manifest }) => manifest.kind === 'CronJob')
      .flatMap(({ manifest }) => {
        const policy = textAt(manifest, 'spec', 'concurrencyPolicy');
        const where = describe(manifest);
        return [
          ...(policy === 'Forbid'
            ? []
            : [
                {
                  where,
                  found: `expected concurrencyPolicy "Forbid", got ${show(policy)}`,
                  mend: 'set it: a run that is late must not meet the next one',
                },
              ]),
          ...DEADLINES.filter((path) => numberAt(manifest, 'spec', ...path) === undefined).map((path) => ({
            where,
            found: `expected spec.${path.join('.')}, got nothing`,
            mend: 'set it: a job without an end is found by its damage',
          })),
        ];
      }),
};

const DEADLINES = [['startingDeadlineSeconds'], ['jobTemplate', 'spec', 'activeDeadlineSeconds']] as const;

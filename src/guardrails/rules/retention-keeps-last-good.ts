/** What is kept reaches back further than a fault stays unseen. */
import { formatDuration } from '../../cluster/duration.js';
import { show } from '../../manifest/json.js';
import type { Guardrail, Violation } from '../guardrail.js';

export const retentionKeepsLastGood: Guardrail = {
  id: 'retention-keeps-last-good',
  severity: 'warning',
  lesson:
    'What a fault wrote on Friday is in the copy on Saturday, and whoever comes back on Monday needs the one of Thursday.',
  incident: 'nov-2',
  check: ({ cluster: { backup } }) => {
    if (backup === null) return [];
    if (backup.form === 'mirror')
      return [
        {
          where: 'backup.form',
          found: 'expected snapshots, got "mirror", in which a file that was damaged replaces the good one that night',
          mend: 'leave `form` out, and set up the other machine for snapshots',
        },
      ];
    const copies = [
      { where: 'backup.keep', keep: backup.keep },
      ...(backup.offsite === null ? [] : [{ where: 'backup.offsite.keep', keep: backup.offsite.keep }]),
    ];
    return copies.flatMap(({ where, keep }): readonly Violation[] =>
      keep.snapshots >= DAYS || keep.within.seconds >= DAYS * 86_400
        ? []
        : [
            {
              where,
              found: `expected at least ${DAYS} snapshots or "${DAYS}d", got ${keep.snapshots} and ${show(formatDuration(keep.within))}`,
              mend: 'keep a week at least: an unchanged file is stored once, however many snapshots have it',
            },
          ],
    );
  },
};

const DAYS = 7;

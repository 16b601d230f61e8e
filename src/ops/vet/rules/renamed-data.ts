/** Nothing that holds data gets another name. */

import { renames } from '../removals.js';
import type { VetRule } from '../rule.js';
import { concern, named } from '../rule.js';

export const renamedData: VetRule = {
  id: 'renamed-data',
  severity: 'error',
  reason:
    'A name with a hash in it changed with a refactoring, and what had the old name was pruned: to the cluster a new name is a new, empty object.',
  mend: 'keep the name; or create the new one beside the old, copy the data, and remove the old one in a later change',
  check: (change) =>
    renames(change).flatMap(({ before, after }) => {
      const fate = change.fateOf(before);
      const old = fate === 'kept' ? 'stays behind, out of sync' : 'is deleted';
      return [
        concern(
          before,
          `expected it to keep its name, got ${named(after)}: a new, empty one is created and the old one ${old}`,
        ),
      ];
    }),
};

/** An object does not go from one Application to another. */
import { isLeftAlone } from '../../change/definitions.js';
import { isSameApplication } from '../application.js';
import { type Change, keyOf, type Pair, type Placed } from '../change.js';
import { type Concern, concern, type VetRule } from '../rule.js';

export const objectMoved: VetRule = {
  id: 'object-moved',
  severity: 'error',
  reason:
    'Objects that moved from one owner to another were deleted by the old one: which of the two is synced first is chance, and the old one prunes what still carries its name.',
  mend: 'put Prune=false on the object in a change of its own, wait until that is live, then move the file',
  check: (change) =>
    change.objects.kept.flatMap(({ before, after }): readonly Concern[] => {
      if (isSameApplication(before.application, after.application) || isStillThere(change, before)) return [];
      const outcome = outcomeOf(change, { before, after });
      const [from, to] = [before.application.name, after.application.name];
      if (outcome === undefined) return [];
      const found = concern(after, `expected it to stay in ${from}, got it in ${to}: ${outcome}`);
      return [refuses({ before, after }) ? { ...found, mend: mendOfRefusal(to) } : found];
    }),
};

/** In both of them: that is what shared-object speaks of. */
const isStillThere = ({ after }: Change, placed: Placed): boolean =>
  after.some((other) => isSameApplication(other.application, placed.application) && keyOf(other) === keyOf(placed));

/** The new one takes nothing that carries the mark of another; a definition carries none. */
const refuses = ({ before, after }: Pair<Placed>): boolean =>
  after.application.policy.options.has('FailOnSharedResource=true') &&
  !isLeftAlone(before.application, before.manifest);

function outcomeOf(change: Change, pair: Pair<Placed>): string | undefined {
  const [from, to] = [pair.before.application.name, pair.after.application.name];
  const fate = change.fateOf(pair.before);
  const why = `${to} takes nothing of another's (FailOnSharedResource)`;
  if (fate === 'pruned' || fate === 'cascaded') {
    const deletes = fate === 'pruned' ? `${from} prunes it` : `${from} goes, and its finalizer deletes it`;
    return `${deletes}${refuses(pair) ? `, as ${why}` : ' if it is synced first'}, and a new one is created`;
  }
  return refuses(pair) ? `it stays ${from}'s, and every sync of ${to} fails, as ${why}` : undefined;
}

const mendOfRefusal = (to: string): string =>
  `in a change of its own put Prune=false on the object and take FailOnSharedResource=true away from ${to}; wait until both are live, then move the file, and put the option back`;

/** An object that another Application syncs from now on. */
import type { Tree } from '../../argo/tree.js';
import { isLeftAlone } from './definitions.js';
import { fateOf, isDeleted } from './fate.js';
import type { Weight } from './object-change.js';
import { keyOfApplication, type Placed } from './placed.js';

interface Move {
  readonly weight: Weight;
  readonly sentences: readonly string[];
}

/** Null: it is where it was. Which of the two syncs first is not known, so the worse of the two is told. */
export function moveOf(before: Placed, after: Placed, base: Tree, head: Tree): Move | null {
  const [from, to] = [before.application, after.application];
  if (to === null || (from !== null && keyOfApplication(from) === keyOfApplication(to))) return null;
  if (from === null)
    return { weight: 'care', sentences: [`${to.name} begins to sync it; until now no Application here did.`] };
  const refuses = to.policy.options.has('FailOnSharedResource=true') && !isLeftAlone(from, before.manifest);
  const fate = fateOf(before, base, head);
  if (isDeleted(fate)) {
    const isPruned = fate.outcome === 'pruned';
    const deletes = isPruned ? `${from.name} deletes it` : `${from.name} goes and deletes it (finalizer)`;
    const first = isPruned ? 'syncs first, it deletes it' : 'is deleted first, its finalizer deletes this too';
    return {
      weight: 'danger',
      sentences: [
        refuses
          ? `${deletes}, because ${to.name} does not take it while it is another's (FailOnSharedResource); then ${to.name} creates it anew.`
          : `If ${from.name} ${first}, and ${to.name} creates it anew; if ${to.name} syncs first, it stays.`,
        `To move it without a gap, first commit ${isPruned ? 'Prune=false' : 'Delete=false'} on the object and let it sync${refuses ? `; and ${to.name} cannot have FailOnSharedResource=true until it has moved` : ''}.`,
      ],
    };
  }
  if (refuses)
    return {
      weight: 'danger',
      sentences: [
        `It stays ${from.name}'s, which does not prune it, and each sync of ${to.name} fails: it does not take what is another's (FailOnSharedResource).`,
      ],
    };
  return { weight: 'care', sentences: [`${to.name} takes it over from ${from.name}; the object itself stays.`] };
}

/** An object that another Application syncs from now on. */
import type { Tree } from '../../argo/tree.js';
import { optionsOf } from '../../guardrails/argo.js';
import { findApplication } from './fate.js';
import { keyOfApplication, type Placed } from './placed.js';

interface Move {
  readonly weight: 'danger' | 'care' | 'plain';
  readonly sentences: readonly string[];
}

/** Null: it is where it was. Which of the two syncs first is not known, so the worse of the two is told. */
export function moveOf(before: Placed, after: Placed, head: Tree): Move | null {
  const [from, to] = [before.application, after.application];
  if (from === null && to === null) return null;
  if (from === null)
    return { weight: 'care', sentences: [`${to?.name ?? ''} begins to sync it; until now no Application here did.`] };
  if (to === null)
    return { weight: 'care', sentences: [`${from.name} syncs it no more, and no other Application here does.`] };
  if (keyOfApplication(from) === keyOfApplication(to)) return null;
  const still = findApplication(head, from);
  const refuses = to.policy.options.has('FailOnSharedResource=true');
  const prunes =
    still?.policy.automated === true && still.policy.prune && !optionsOf(before.manifest).includes('Prune=false');
  if (prunes) {
    return {
      weight: 'danger',
      sentences: [
        refuses
          ? `${from.name} deletes it, because ${to.name} does not take it while it is another's (FailOnSharedResource); then ${to.name} creates it anew.`
          : `If ${from.name} syncs first, it deletes it, and ${to.name} creates it anew; if ${to.name} syncs first, it stays.`,
        'To move it without a gap, first commit Prune=false on the object and let it sync.',
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

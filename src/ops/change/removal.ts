/** What leaves Git, in words. */
import { nameOf } from '../../manifest/live-object.js';
import { maskedChanges } from '../../manifest/masked.js';
import { wordsForRemoved } from './application-words.js';
import { type Fate, isDeleted } from './fate.js';
import { lossOf } from './losses.js';
import { changeIn, type ObjectChange } from './object-change.js';
import type { Sides } from './pairs.js';
import { patchRemoved } from './patch-words.js';
import { applicationItself, type Placed } from './placed.js';
import { orderOf } from './rename-order.js';
import type { Renaming } from './renames.js';

export function removalOf(before: Placed, fate: Fate, { base, staying }: Sides): ObjectChange {
  const patch = patchRemoved(before.manifest, fate);
  if (!isDeleted(fate)) {
    const effect = fate.outcome === 'frozen' ? 'frozen' : 'orphaned';
    return { ...changeIn(before), effect, weight: 'care', fields: [], consequences: [fate.because, ...patch] };
  }
  const application = applicationItself(base, before);
  const words = application && wordsForRemoved(application);
  const losses = [...lossOf(before, staying), ...patch];
  return {
    ...changeIn(before),
    effect: 'pruned',
    weight: words?.weight ?? (losses.length === 0 ? 'care' : 'danger'),
    fields: [],
    consequences: [fate.because, ...(words?.sentences ?? []), ...losses],
  };
}

/** `leaving`: all that Argo CD deletes with it. */
export function renamingOf(renaming: Renaming, leaving: readonly Placed[], { staying }: Sides): ObjectChange {
  const { before, after } = renaming;
  return {
    ...changeIn(after),
    effect: 'renamed',
    weight: 'danger',
    formerly: nameOf(before.ref),
    fields: maskedChanges(before.manifest, after.manifest),
    consequences: [`Two objects to Kubernetes: ${orderOf(renaming, leaving)}`, ...lossOf(before, staying)],
  };
}

/**
 * Whether the old one goes before the new one comes.
 *
 * Argo CD takes wave after wave, and within one first what it deletes. It waits for a wave before the next: until what
 * it created is healthy, and what it deleted is gone.
 */
import { optionsOf, waveOf } from '../../guardrails/argo.js';
import { nameOf } from '../../manifest/live-object.js';
import { keyOfApplication, type Placed } from './placed.js';
import type { Renaming } from './renames.js';

/** As a sentence. `leaving`: all that Argo CD deletes. */
export function orderOf({ before, after }: Renaming, leaving: readonly Placed[]): string {
  const [old, now] = [nameOf(before.ref), nameOf(after.ref)];
  if (isLast(before, after))
    return `${now} is created first; ${old} is deleted once that is healthy, and stays as long as it is not.`;
  const [gone, come] = [waveOf(before.manifest), waveOf(after.manifest)];
  // Argo CD reverses the waves of what it deletes, anew at each step, so they say little where there are several.
  if (wavesWith(before, leaving).size > 1)
    return `${old} and what leaves with it are of several waves, which Argo CD takes in reverse: it may be gone before ${now} is created.`;
  if (gone < come) return `${old} is deleted first; ${now}, of a later wave, is created only when ${old} is gone.`;
  if (gone > come)
    return `${now} is created first; ${old}, of a later wave, is deleted once that is healthy, and stays as long as it is not.`;
  return `${old} is deleted first, then ${now} is created, without waiting until the other is gone.`;
}

/** On an object it counts as it is live: as the old one brought it. */
const isLast = (before: Placed, after: Placed): boolean =>
  optionsOf(before.manifest).includes('PruneLast=true') ||
  after.application?.policy.options.has('PruneLast=true') === true;

const wavesWith = (before: Placed, leaving: readonly Placed[]): ReadonlySet<number> =>
  new Set(leaving.filter((each) => holderOf(each) === holderOf(before)).map(({ manifest }) => waveOf(manifest)));

const holderOf = ({ application }: Placed): string | null => application && keyOfApplication(application);

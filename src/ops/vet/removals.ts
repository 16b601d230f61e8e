/** What leaves Git and, with it, the cluster. */

import { HOLDS_DATA } from '../../manifest/kinds.js';
import { groupOf } from '../../manifest/manifest.js';
import type { Change, Fate, Pair, Placed } from './change.js';
import { type Concern, concern } from './rule.js';

const HOW: Readonly<Record<Exclude<Fate, 'kept'>, (application: string) => string>> = {
  pruned: (application) => `it is gone from Git, so ${application} prunes it from the cluster`,
  'pruned-by-hand': (application) => `it is gone from Git, so the next sync of ${application} with prune deletes it`,
  cascaded: (application) => `${application} is gone from Git and its finalizer deletes what it synced`,
  'cascaded-by-hand': (application) =>
    `${application} is gone from Git, and whoever deletes it deletes what it synced (finalizer)`,
};

/** `group/Kind` of what is deleted together with its data, where the volume is to be reclaimed. */
export const HOLDING_DATA = [
  '/PersistentVolumeClaim',
  '/PersistentVolume',
  'longhorn.io/Volume',
  'snapshot.storage.k8s.io/VolumeSnapshot',
];

/** Objects of these `group/Kind`s that the change deletes from the cluster, those with a new name aside. */
export function removed(change: Change, kinds: readonly string[], loses: string): readonly Concern[] {
  const renamed = new Set(renames(change).map(({ before }) => before));
  return change.objects.removed.flatMap((placed) => {
    const fate = change.fateOf(placed);
    if (!kinds.includes(`${groupOf(placed.manifest)}/${placed.manifest.kind}`) || fate === 'kept') return [];
    if (renamed.has(placed)) return [];
    return [concern(placed, `expected it to stay (${loses}), but ${HOW[fate](placed.application.name)}`)];
  });
}

/** What holds data and comes back in the same Application under another name or namespace. */
export function renames({ objects }: Change): readonly Pair<Placed>[] {
  const taken = new Set<Placed>();
  return objects.removed
    .filter(({ manifest }) => HOLDS_DATA.has(manifest.kind))
    .flatMap((before) => {
      const after = objects.created.find(
        (other) =>
          !taken.has(other) &&
          other.manifest.kind === before.manifest.kind &&
          other.application.cluster === before.application.cluster &&
          other.application.name === before.application.name &&
          groupOf(other.manifest) === groupOf(before.manifest),
      );
      if (after === undefined) return [];
      taken.add(after);
      return [{ before, after }];
    });
}

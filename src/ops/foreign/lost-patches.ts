/**
 * Patches of foreign objects that the next output folder would not have any more.
 *
 * Argo CD leaves such an object alone, patched for ever: nothing says so later, and nothing takes the fields back. So a
 * patch goes in two steps, and the folder must hold the first before it can lose the object.
 */
import { FOREIGN } from '../../argo/sync-options.js';
import type { Files } from '../../manifest/layout.js';
import { identityOf, type Manifest } from '../../manifest/manifest.js';
import { parseManifests } from '../../manifest/read.js';

export interface LostPatch {
  readonly cluster: string;
  /** By what name it is taken back. */
  readonly patch: string;
  /** In the folder. */
  readonly file: string;
  readonly manifest: Manifest;
  /**
   * `first-commit-missing`: our fields would stay on the object. `retired`: the first of the two commits is in the
   * folder. `cluster-gone`: nothing of the cluster is described any more.
   */
  readonly state: 'first-commit-missing' | 'retired' | 'cluster-gone';
}

/** `replaced`: files of the folder as they are, those that are to change or to go. `next`: every file that will be there. */
export function lostPatches(replaced: Files, next: Files): readonly LostPatch[] {
  const before = foreignIn(replaced);
  if (before.length === 0) return [];
  const kept = new Set(foreignIn(next).map(keyOf));
  return before
    .filter((object) => !kept.has(keyOf(object)))
    .map(({ cluster, folder, file, manifest }) => ({
      cluster,
      // With its folder the whole patch goes.
      patch: hasFolder(next, `${cluster}/${folder}`)
        ? `${folder}/${manifest.metadata.namespace ?? ''}/${manifest.metadata.name}`
        : folder,
      file,
      manifest,
      state: !hasFolder(next, cluster)
        ? 'cluster-gone'
        : manifest.metadata.annotations?.[FOREIGN] === 'retiring'
          ? 'retired'
          : 'first-commit-missing',
    }));
}

interface Placed {
  readonly cluster: string;
  readonly folder: string;
  readonly file: string;
  readonly manifest: Manifest;
}

/** Only what carries the annotation is read: reading everything would double the time of a synth. */
const foreignIn = (files: Files): readonly Placed[] =>
  [...files].flatMap(([file, text]) => {
    if (!text.includes(FOREIGN)) return [];
    const [cluster = '', folder = ''] = file.split('/');
    return parseManifests(file, text)
      .filter(({ metadata: { annotations } }) => annotations?.[FOREIGN] !== undefined)
      .map((manifest) => ({ cluster, folder, file, manifest }));
  });

const keyOf = ({ cluster, manifest }: Placed): string => `${cluster} ${identityOf(manifest)}`;

const hasFolder = (files: Files, folder: string): boolean =>
  [...files.keys()].some((path) => path.startsWith(`${folder}/`));

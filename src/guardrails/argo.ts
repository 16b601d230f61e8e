/** What Argo CD is told about an object: its sync options, its wave, the Application that holds it. */
import { FOREIGN, SYNC_OPTIONS, SYNC_WAVE } from '../argo/sync-options.js';
import { at, textAt, textsAt } from '../manifest/json.js';
import type { Manifest, PlacedManifest } from '../manifest/manifest.js';

/** The sync options on an object itself. */
export const optionsOf = ({ metadata: { annotations } }: Manifest): readonly string[] =>
  (annotations?.[SYNC_OPTIONS] ?? '')
    .split(',')
    .map((option) => option.trim())
    .filter((option) => option !== '');

/** Neither pruned when its file goes nor deleted with its Application. */
export const isProtected = (manifest: Manifest): boolean =>
  ['Prune=false', 'Delete=false'].every((option) => optionsOf(manifest).includes(option));

/** A patch of a foreign object that is being taken back: what it was for is over. */
export const isRetired = ({ metadata: { annotations } }: Manifest): boolean => annotations?.[FOREIGN] === 'retiring';

/** Argo CD reads a wave that is not a number as 0. */
export function waveOf({ metadata: { annotations } }: Manifest): number {
  const wave = Number(annotations?.[SYNC_WAVE] ?? '0');
  return Number.isInteger(wave) ? wave : 0;
}

export const applicationsIn = (objects: readonly PlacedManifest[]): readonly Manifest[] =>
  objects.map(({ manifest }) => manifest).filter(({ kind }) => kind === 'Application');

/** The Application that syncs a folder. */
export const tryFindApplication = (objects: readonly PlacedManifest[], folder: string): Manifest | undefined =>
  applicationsIn(objects).find(({ spec }) => textAt(spec, 'source', 'path')?.split('/').at(-1) === folder);

export const prunes = ({ spec }: Manifest): boolean => at(spec, 'syncPolicy', 'automated', 'prune') === true;

export const finalizersOf = ({ metadata }: Manifest): readonly string[] => textsAt(metadata, 'finalizers');

/** What a change means for a patch of somebody else's object. */
import { FOREIGN } from '../../argo/sync-options.js';
import type { FieldChange } from '../../manifest/field-changes.js';
import type { Manifest } from '../../manifest/manifest.js';
import { listed } from '../words.js';
import { type Fate, isDeleted } from './fate.js';

/** `partial`, `whole` or `retiring`; undefined: the object is ours. */
export const formOf = ({ metadata }: Manifest): string | undefined => metadata.annotations?.[FOREIGN];

export function patchBegun(after: Manifest): readonly string[] {
  switch (formOf(after)) {
    case 'partial':
      return ['Sets its fields on an object that somebody else owns, and waits until that is there.'];
    case 'whole':
      return ['Takes over the whole of an object that somebody else created.'];
    default:
      return [];
  }
}

/** Which fields come to us, and which go back to their owner. */
export function patchChanged(before: Manifest, after: Manifest, fields: readonly FieldChange[]): readonly string[] {
  const form = formOf(after);
  if (form === undefined) return [];
  const given = fields.filter(({ path, after: now }) => now === undefined && !path.startsWith('metadata.annotations'));
  return [
    form === 'partial'
      ? 'Sets these fields of an object that somebody else owns; its other fields stay as they are.'
      : form === 'retiring'
        ? 'Takes the patch back: what we alone had set goes, or gets its default.'
        : 'Sets the whole of an object that somebody else created.',
    ...(form === 'partial' && given.length > 0
      ? [`Gives back ${listed(given.map(({ path }) => path))}: what nobody else sets goes, or gets its default.`]
      : []),
    ...(formOf(before) === undefined ? ['Until now it was ours.'] : []),
  ];
}

export function patchRemoved(before: Manifest, fate: Fate): readonly string[] {
  const form = formOf(before);
  if (form === undefined) return [];
  if (isDeleted(fate)) return ["The whole object is deleted, its owner's part as well."];
  return form === 'retiring'
    ? []
    : ['The patch stays on it for ever. Take the fields back first: docs/layers/foreign-patches.md.'];
}

/** Which fields of a live object a manager owns that a manifest does not set, and who owns those that it sets. */

import { below } from '../../manifest/field-path.js';
import type { LiveObject, ManagedFields } from '../../manifest/live-object.js';
import type { Json, Manifest } from '../../manifest/manifest.js';
import {
  ARGO_MANAGER,
  argosFields,
  type FieldSet,
  fieldsOf,
  itemKeys,
  itemValue,
  managersOf,
  united,
  valueAt,
} from '../drift/field-set.js';

/** What Argo CD applied and the manifest does not have any more, by path; of the metadata only what is ours to name. */
export const argosFieldsBeyond = (live: LiveObject, manifest: Manifest): readonly string[] =>
  beyond(specOf(argosFields(live)), manifest, '');

/** The same for all that Argo CD ever wrote: an apply takes nothing off that it wrote without server-side apply. */
export const argosWritesBeyond = (live: LiveObject, manifest: Manifest): readonly string[] =>
  beyond(
    specOf(
      united(
        managersOf(live)
          .filter(({ manager, subresource }) => manager === ARGO_MANAGER && subresource === undefined)
          .map(fieldsOf),
      ),
    ),
    manifest,
    '',
  );

/** The managers that own a field that the manifest sets, or one below or above it. */
export const ownersOfWhatIsSet = (live: LiveObject, manifest: Manifest): readonly ManagedFields[] =>
  managersOf(live).filter((entry) => touches(specOf(fieldsOf(entry)), manifest));

/** Whether a manager owns anything but metadata and status. */
export const ownsSpec = (entry: ManagedFields): boolean =>
  entry.subresource === undefined && Object.keys(specOf(fieldsOf(entry))).length > 0;

/** Names, annotations and labels are not what a patch is about; what the object is doing is not either. */
function specOf(set: FieldSet): FieldSet {
  const { 'f:metadata': _metadata, 'f:status': _status, ...rest } = set;
  return rest;
}

function beyond(set: FieldSet, value: Json | undefined, path: string): readonly string[] {
  return Object.entries(set).flatMap(([part, child]) => {
    if (part === '.' || child === undefined) return [];
    const at = placeOf(part, value, path);
    const parts = Object.keys(child).filter((key) => key !== '.');
    return at.value === undefined && parts.length === 0 ? [at.path] : beyond(child, at.value, at.path);
  });
}

const touches = (set: FieldSet, value: Json | undefined): boolean =>
  Object.entries(set).some(([part, child]) => {
    if (part === '.' || child === undefined) return false;
    const found = valueAt(part, value);
    return found !== undefined && (Object.keys(child).every((key) => key === '.') || touches(child, found));
  });

function placeOf(part: string, value: Json | undefined, path: string): { path: string; value: Json | undefined } {
  const found = valueAt(part, value);
  if (part.startsWith('f:')) return { path: below(path, part.slice(2)), value: found };
  const keys = itemKeys(part);
  const item =
    keys === undefined
      ? `${itemValue(part) ?? part.slice(2)}`
      : Object.entries(keys)
          .map(([name, key]) => `${name}=${key}`)
          .join(',');
  return { path: `${path}[${item}]`, value: found };
}

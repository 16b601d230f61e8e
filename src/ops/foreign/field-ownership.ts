/** Which fields of a live object a manager owns that a manifest does not set, and who owns those that it sets. */
import type { LiveObject, ManagedFields } from '../../manifest/live-object.js';
import type { Json, Manifest } from '../../manifest/manifest.js';
import { below } from '../drift/field-path.js';
import {
  DEFAULT_KEYS,
  type FieldSet,
  fieldsOf,
  isArgosEntry,
  itemKeys,
  itemValue,
  managersOf,
  united,
} from '../drift/field-set.js';

/** What Argo CD applied and the manifest does not have any more, by path; of the metadata only what is ours to name. */
export const argosFieldsBeyond = (live: LiveObject, manifest: Manifest): readonly string[] =>
  beyond(specOf(united(managersOf(live).filter(isArgosEntry).map(fieldsOf))), manifest, '');

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
    const found = placeOf(part, value, '').value;
    return found !== undefined && (Object.keys(child).every((key) => key === '.') || touches(child, found));
  });

function placeOf(part: string, value: Json | undefined, path: string): { path: string; value: Json | undefined } {
  if (part.startsWith('f:')) {
    const name = part.slice(2);
    return { path: below(path, name), value: isFields(value) && Object.hasOwn(value, name) ? value[name] : undefined };
  }
  const items: readonly Json[] = Array.isArray(value) ? value : [];
  const keys = itemKeys(part);
  if (keys === undefined) {
    const item = part.startsWith('i:') ? items[Number(part.slice(2))] : items.find((each) => each === itemValue(part));
    return { path: `${path}[${itemValue(part) ?? part.slice(2)}]`, value: item };
  }
  const named = Object.entries(keys);
  return {
    path: `${path}[${named.map(([name, key]) => `${name}=${key}`).join(',')}]`,
    value: items.find(
      (item) =>
        isFields(item) && named.every(([name, key]) => String(item[name] ?? DEFAULT_KEYS.get(name)) === String(key)),
    ),
  };
}

const isFields = (value: Json | undefined): value is { readonly [key: string]: Json | undefined } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

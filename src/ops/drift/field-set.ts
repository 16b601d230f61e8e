/**
 * Sets of fields as the API server keeps them in `metadata.managedFields` (FieldsV1).
 *
 * `f:` is a field, `k:` an item of a list by its keys, `v:` an item of a set by its value, `i:` one by its index; `.` is
 * the thing itself. What has nothing below it is owned as one value, which is how a list that counts as one value is
 * told from a list whose items are owned one by one.
 */

import { below, type Step } from '../../manifest/field-path.js';
import { at, isList, isObject } from '../../manifest/json.js';
import type { LiveObject, ManagedFields } from '../../manifest/live-object.js';
import type { Json } from '../../manifest/manifest.js';

export interface FieldSet {
  readonly [key: string]: FieldSet | undefined;
}

/** The manager whose fields Argo CD sets. */
export const ARGO_MANAGER = 'argocd-controller';

/** The manager of a plain `kubectl apply`. */
export const KUBECTL_APPLY = 'kubectl-client-side-apply';

export const managersOf = ({ metadata }: LiveObject): readonly ManagedFields[] => metadata.managedFields ?? [];

/** What is owned by one entry. */
// The API server writes nothing else into it than objects of objects.
export const fieldsOf = ({ fieldsV1 }: ManagedFields): FieldSet => (fieldsV1 ?? {}) as FieldSet;

/** What Argo CD owns on an object: what it applied last. */
export const isArgosEntry = ({ manager, operation, subresource }: ManagedFields): boolean =>
  manager === ARGO_MANAGER && operation === 'Apply' && subresource === undefined;

/** All that Argo CD owns on an object. */
export const argosFields = (live: LiveObject): FieldSet => united(managersOf(live).filter(isArgosEntry).map(fieldsOf));

/** What is owned below a part, e.g. `f:spec`; undefined where nothing is. */
export const ownedBelow = (set: FieldSet | undefined, part: string): FieldSet | undefined =>
  set !== undefined && Object.hasOwn(set, part) ? set[part] : undefined;

/** What a value has where a part of a set leads to; undefined where it has nothing. */
export function valueAt(part: string, value: Json | undefined): Json | undefined {
  if (part.startsWith('f:')) return at(value, part.slice(2));
  if (!isList(value)) return undefined;
  if (part.startsWith('i:')) return value[Number(part.slice(2))];
  return value.find(itemOf(part));
}

/** Every field that one of them owns. */
export function united(sets: readonly FieldSet[]): FieldSet {
  const result = new Map<string, FieldSet[]>();
  for (const set of sets)
    for (const [key, child] of Object.entries(set))
      if (child !== undefined) result.set(key, [...(result.get(key) ?? []), child]);
  return Object.fromEntries([...result].map(([key, children]) => [key, united(children)]));
}

/** Owned as one value, not part by part. */
export const isWhole = (set: FieldSet): boolean => Object.keys(set).length === 0;

export type ItemKeys = Readonly<Record<string, Json>>;

/** The keys of a list's item, or undefined where this is none. */
export function itemKeys(part: string): ItemKeys | undefined {
  if (!part.startsWith('k:')) return undefined;
  const read: unknown = JSON.parse(part.slice(2));
  return typeof read === 'object' && read !== null ? (read as ItemKeys) : undefined; // JSON it is.
}

/** The value of a set's item, or undefined where this is none. */
export const itemValue = (part: string): Json | undefined =>
  part.startsWith('v:') ? (JSON.parse(part.slice(2)) as Json) : undefined;

/** The part of a set that a step of a path leads to. */
export function partAt(set: FieldSet, step: Step): FieldSet | undefined {
  if ('field' in step) return ownedBelow(set, `f:${step.field}`);
  const part = Object.keys(set).find((key) => isMeant(key, step.item));
  return part === undefined ? undefined : set[part];
}

function isMeant(part: string, item: string): boolean {
  if (part === `i:${item}`) return true;
  const value = itemValue(part);
  if (value !== undefined) return String(value) === item;
  const keys = itemKeys(part);
  if (keys === undefined) return false;
  // A path leaves out what has its default.
  const named = new Map(
    item.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
  return (
    [...named.keys()].every((name) => Object.hasOwn(keys, name)) &&
    Object.entries(keys).every(([name, given]) => (named.get(name) ?? DEFAULT_KEYS.get(name)) === String(given))
  );
}

/** What a list's key is where an item does not say it. */
export const DEFAULT_KEYS: ReadonlyMap<string, string> = new Map([['protocol', 'TCP']]);

/** Whether a part of a set of fields, `k:{"name":"main"}` or `v:"x"`, means this item of a list. */
export const isItem = (part: string, item: Json): boolean => itemOf(part)(item);

/** The same for many items: what names the item is read once. */
export function itemOf(part: string): (item: Json) => boolean {
  const keys = itemKeys(part);
  if (keys !== undefined) return (item) => hasKeys(keys, item);
  const value = itemValue(part);
  return (item) => item === value;
}

export const hasKeys = (keys: ItemKeys, item: Json): boolean =>
  isObject(item) &&
  Object.entries(keys).every(([name, value]) => `${item[name] ?? DEFAULT_KEYS.get(name)}` === `${value}`);

/** The path of what a part leads to. */
export const partBelow = (path: string, part: string): string =>
  part.startsWith('f:') ? below(path, part.slice(2)) : itemBelow(path, part);

/** The path of a list's item: without keys that have their default. */
export function itemBelow(path: string, part: string): string {
  const keys = itemKeys(part);
  if (keys === undefined) return `${path}[${itemValue(part) ?? part.slice(2)}]`;
  const shown = Object.entries(keys).filter(([name, key]) => DEFAULT_KEYS.get(name) !== key);
  return `${path}[${shown.map(([name, key]) => `${name}=${key}`).join(',')}]`;
}

/**
 * Whether an apply by Argo CD would surely leave a live object as it is: who knows need not ask.
 *
 * The record of owners must name the fields that are described, no more and no fewer, as applied by Argo CD at this API
 * version, and each value must be the live one. Whoever changes a value takes the field over, so that the record then
 * differs. What is only likely is no: an order, a key that the server may have filled in, a unit of a foreign kind.
 */

import { isList, isObject } from '../../manifest/json.js';
import type { LiveObject } from '../../manifest/live-object.js';
import { groupOf, type Json, type Manifest } from '../../manifest/manifest.js';
import { type FieldSet, fieldsOf, isArgosEntry, isWhole, itemOf, managersOf, ownedBelow } from './field-set.js';
import { holderOf, isSameValue, isWithoutContent } from './same-value.js';

export function isAsApplied(live: LiveObject, described: Manifest): boolean {
  const [entry, ...others] = managersOf(live).filter(isArgosEntry);
  if (entry === undefined || others.length > 0) return false;
  if (entry.apiVersion !== described.apiVersion || live.apiVersion !== described.apiVersion) return false;
  const { apiVersion, kind, metadata, ...content } = described;
  const { name, namespace, ...marks } = metadata;
  const said = Object.keys(marks).length === 0 ? content : { ...content, metadata: marks };
  return agree(fieldsOf(entry), live, said, { field: '', isBuiltIn: isBuiltIn(described) });
}

interface Place {
  /** The name of the field that holds the value, or of the one that holds that. */
  readonly field: string;
  readonly isBuiltIn: boolean;
}

/** Kinds whose values the server reads and writes anew; those of other kinds it keeps as they were written. */
const isBuiltIn = (manifest: Manifest): boolean => /^([a-z]*|.*\.k8s\.io)$/.test(groupOf(manifest));

/** What is owned, what there is and what is described are the same fields with the same values. */
function agree(owned: FieldSet, live: Json | undefined, said: Json | undefined, place: Place): boolean {
  if (said === undefined || said === null) return false;
  if (isWhole(owned)) {
    // The server writes nothing of `env: []`, and keeps on record that it was applied.
    return live === undefined ? isWithoutContent(said) : isSameWhole(live, said, place);
  }
  const parts = Object.keys(owned).filter((part) => part !== '.');
  if (isObject(live) && isObject(said)) {
    const keys = Object.keys(said).filter((key) => said[key] !== undefined);
    return (
      keys.length === parts.length &&
      keys.every((key) => {
        const below = ownedBelow(owned, `f:${key}`);
        const found = Object.hasOwn(live, key) ? live[key] : undefined;
        return below !== undefined && agree(below, found, said[key], { ...place, field: holderOf(place.field, key) });
      })
    );
  }
  return isList(live) && isList(said) && agreeInOrder(owned, parts, live, said, place);
}

/** One more item, or another order: the server may order them anew. */
function agreeInOrder(
  owned: FieldSet,
  parts: readonly string[],
  live: readonly Json[],
  said: readonly Json[],
  place: Place,
): boolean {
  if (live.length !== said.length || said.length !== parts.length) return false;
  // What names an item is read once, and not for each item anew.
  const left = new Map(parts.map((part) => [part, itemOf(part)]));
  return said.every((item, index) => {
    const found = live[index];
    const [part, isIt] = [...left].find(([, means]) => means(item)) ?? [];
    const below = part === undefined ? undefined : owned[part];
    if (part === undefined || below === undefined || found === undefined || !isIt?.(found)) return false;
    left.delete(part);
    return part.startsWith('v:') || agree(below, found, item, { ...place, field: '' });
  });
}

function isSameWhole(live: Json, said: Json, place: Place): boolean {
  if (isList(live) && isList(said))
    return live.length === said.length && live.every((item, index) => isSameWhole(item, said[index] ?? null, place));
  if (isObject(live) && isObject(said)) {
    const filledIn = place.isBuiltIn ? FILLED_IN.get(place.field) : undefined;
    return (
      Object.entries(said).every(([key, value]) => {
        const found = Object.hasOwn(live, key) ? live[key] : undefined;
        // The server writes some empty lists and others never; as this one is not there, it is one of those.
        if (value === undefined || (found === undefined && place.isBuiltIn && isList(value) && value.length === 0))
          return true;
        const below = { ...place, field: holderOf(place.field, key) };
        return found !== undefined && isSameWhole(found, value, below);
      }) &&
      Object.entries(live).every(
        ([key, value]) => said[key] !== undefined || (filledIn?.[0] === key && filledIn[1] === value),
      )
    );
  }
  return live === said || (place.isBuiltIn && isSameValue(live, said, { field: place.field, asApplied: false }));
}

/** What the server fills in below such a field of a built-in kind whenever it is not said. */
const FILLED_IN: ReadonlyMap<string, readonly [string, Json]> = new Map([
  ['fieldRef', ['apiVersion', 'v1']],
  ['resourceFieldRef', ['divisor', '0']],
  ['roleRef', ['apiGroup', 'rbac.authorization.k8s.io']],
  ['ports', ['protocol', 'TCP']],
]);

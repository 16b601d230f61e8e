/**
 * What a forced server-side apply would make of an object, worked out here: for who may read and not even ask.
 *
 * The rules are the API server's. Which list has keys, which is a set and which counts as one value is read from the
 * live object's own record of owners, so that no schema is needed. What the server fills in by itself stays as it is.
 */

import { isList, isObject } from '../../manifest/json.js';
import type { LiveObject } from '../../manifest/live-object.js';
import type { Json, Manifest } from '../../manifest/manifest.js';
import {
  argosFields,
  type FieldSet,
  fieldsOf,
  isArgosEntry,
  isItem,
  isWhole,
  managersOf,
  ownedBelow,
  united,
} from './field-set.js';
import { filledIn, holderOf, isSameValue, isWithoutContent } from './same-value.js';

type Fields = { readonly [key: string]: Json | undefined };

export function predictedApply(live: LiveObject, described: Manifest): LiveObject {
  const entries = managersOf(live).filter(({ subresource }) => subresource === undefined);
  const ours = argosFields(live);
  const others = united(entries.filter((entry) => !isArgosEntry(entry)).map(fieldsOf));
  const { apiVersion, kind, metadata, ...content } = described;
  const { name, namespace, ...marks } = metadata;
  const wanted = { ...content, metadata: marks };
  const kept = withoutDropped(live, wanted, ours, others) as Fields;
  // An object stays an object, and what names it is the live one's.
  return mergedFields(kept, wanted, { ours, others, field: '' }) as LiveObject;
}

interface Place {
  /** What Argo CD owns here; undefined where it owns nothing. */
  readonly ours: FieldSet | undefined;
  readonly others: FieldSet | undefined;
  /** The name of the field that this is. */
  readonly field: string;
}

const isArgosAlone = ({ ours, others }: Place): boolean => ours !== undefined && isWhole(ours) && others === undefined;

/** Whether somebody owns parts of it, or nobody anything: what nobody owns was filled in by the server, part by part. */
const isPartByPart = ({ ours, others }: Place): boolean =>
  (ours === undefined && others === undefined) || [ours, others].some((set) => set !== undefined && !isWhole(set));

function merged(live: Json | undefined, wanted: Json, place: Place): Json | undefined {
  // Nothing is left of `env: []` or `hostNetwork: false`, but the record still says that it was applied.
  if (live === undefined) return isWithoutContent(wanted) && place.ours !== undefined ? undefined : wanted;
  if (isPartByPart(place)) {
    if (isObject(live) && isObject(wanted)) return mergedFields(live, wanted, place);
    if (isList(live) && isList(wanted) && itemsIn(place).length > 0) return mergedList(live, wanted, place);
  }
  if (isSameValue(live, wanted, { field: place.field, asApplied: isArgosAlone(place) })) return live;
  return isObject(live) && isObject(wanted) ? { ...filledIn(live), ...wanted } : wanted;
}

function mergedFields(live: Fields, wanted: Fields, { ours, others, field }: Place): Json {
  const result = new Map(Object.entries(live));
  for (const [key, value] of Object.entries(wanted)) {
    if (value === undefined) continue;
    const place = {
      ours: ownedBelow(ours, `f:${key}`),
      others: ownedBelow(others, `f:${key}`),
      field: holderOf(field, key),
    };
    const next = merged(result.get(key), value, place);
    if (next !== undefined) result.set(key, next);
  }
  return Object.fromEntries(result);
}

/** The items of a list that are owned one by one; none where the list counts as one value. */
const itemsIn = ({ ours = {}, others = {} }: Place): readonly string[] =>
  [...new Set([...Object.keys(ours), ...Object.keys(others)])].filter((key) => key !== '.');

function mergedList(live: readonly Json[], wanted: readonly Json[], place: Place): Json {
  const { ours, others } = place;
  const parts = itemsIn(place);
  const result = [...live];
  for (const item of wanted) {
    const key = parts.find((candidate) => isItem(candidate, item));
    const index = key === undefined ? -1 : result.findIndex((other) => isItem(key, other));
    const found = result[index];
    if (key === undefined || found === undefined) result.push(item);
    else
      result[index] =
        merged(found, item, { ours: ownedBelow(ours, key), others: ownedBelow(others, key), field: '' }) ?? item;
  }
  return result;
}

/** Without what Argo CD applied once, is no longer described, and nobody else has set. */
function withoutDropped(live: Json, wanted: Json | undefined, ours: FieldSet, others: FieldSet): Json {
  if (isObject(live)) {
    const kept = Object.entries(live).flatMap(([key, value]) => {
      const owned = ownedBelow(ours, `f:${key}`);
      if (owned === undefined || value === undefined) return [[key, value] as const];
      const [said, shared] = [isObject(wanted) ? wanted[key] : undefined, ownedBelow(others, `f:${key}`)];
      if (said === undefined && shared === undefined && isWhole(owned)) return [];
      if (isWhole(owned)) return [[key, value] as const];
      const rest = withoutDropped(value, said, owned, shared ?? {});
      return said === undefined && shared === undefined && isWithoutContent(rest) ? [] : [[key, rest] as const];
    });
    return Object.fromEntries(kept);
  }
  if (!isList(live)) return live;
  const items = isList(wanted) ? wanted : [];
  return live.flatMap((item) => {
    const key = Object.keys(ours).find((candidate) => candidate !== '.' && isItem(candidate, item));
    if (key === undefined) return [item];
    const [said, shared] = [items.find((other) => isItem(key, other)), ownedBelow(others, key)];
    if (said === undefined && shared === undefined) return [];
    return [withoutDropped(item, said, ours[key] ?? {}, shared ?? {})];
  });
}

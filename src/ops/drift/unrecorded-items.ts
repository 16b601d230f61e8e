/**
 * What a webhook put into a list of ours on an apply's way: it is on nobody's record.
 *
 * Led by the description, because only a list of ours is looked into: most of what a record names is never read.
 */

import { below } from '../../manifest/field-path.js';
import { at, isList, isObject } from '../../manifest/json.js';
import type { Json } from '../../manifest/manifest.js';
import {
  DEFAULT_KEYS,
  type FieldSet,
  hasKeys,
  type ItemKeys,
  itemBelow,
  itemKeys,
  ownedBelow,
  valueAt,
} from './field-set.js';

type Found = readonly { readonly path: string; readonly value: Json | undefined }[];

/**
 * Items of described lists, whose items have keys, that are neither described nor on record.
 *
 * @param records what each manager owns
 */
export function unrecordedItems(
  described: Json | undefined,
  live: Json | undefined,
  records: readonly FieldSet[],
  path = '',
): Found {
  if (isList(described)) return isList(live) ? inList(described, live, records, path) : [];
  if (!isObject(described) || !isObject(live)) return [];
  return Object.entries(described).flatMap(([name, said]) => {
    if (!mayHoldLists(said)) return [];
    const owned = partOfEach(records, `f:${name}`);
    return owned.length === 0 ? [] : unrecordedItems(said, at(live, name), owned, below(path, name));
  });
}

function inList(described: readonly Json[], live: readonly Json[], records: readonly FieldSet[], path: string): Found {
  const items = keyedItems(records);
  const [like] = items.values();
  if (like === undefined) return [];
  const unrecorded = live
    .filter((item) => ![...items.values()].some((keys) => hasKeys(keys, item)))
    .map((value) => ({ part: partLike(like, value), value }))
    .filter(({ part }) => valueAt(part, described) === undefined)
    .map(({ part, value }) => ({ path: itemBelow(path, part), value }));
  const deeper = [...items].flatMap(([part, keys]) => {
    const said = described.find((item) => hasKeys(keys, item));
    if (!isObject(said) || !Object.values(said).some(mayHoldLists)) return [];
    const found = live.find((item) => hasKeys(keys, item));
    return unrecordedItems(said, found, partOfEach(records, part), itemBelow(path, part));
  });
  return [...unrecorded, ...deeper];
}

const mayHoldLists = (value: Json | undefined): boolean => typeof value === 'object' && value !== null;

const partOfEach = (records: readonly FieldSet[], part: string): readonly FieldSet[] =>
  records.map((record) => ownedBelow(record, part)).filter((owned) => owned !== undefined);

/** The items of one list that any of them names, each once: what names an item is read only here. */
function keyedItems(records: readonly FieldSet[]): ReadonlyMap<string, ItemKeys> {
  const parts = new Set(records.flatMap((record) => Object.keys(record)));
  return new Map(
    [...parts].flatMap((part) => {
      const keys = itemKeys(part);
      return keys === undefined ? [] : [[part, keys] as const];
    }),
  );
}

/** How the record would name an item, in a list of which it names another one. */
const partLike = (like: ItemKeys, item: Json): string =>
  `k:${JSON.stringify(Object.fromEntries(Object.keys(like).map((name) => [name, at(item, name) ?? DEFAULT_KEYS.get(name)])))}`;

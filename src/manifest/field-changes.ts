/**
 * What differs between two values, field by field, as a person names the fields.
 *
 * A list whose items have a key to the API server (containers by name, ports by number and protocol) is compared by
 * that key, so that an inserted container is one change and not all of them.
 */
import { isDeepStrictEqual } from 'node:util';
import { below } from './field-path.js';
import { isList, isObject } from './json.js';
import { keysOfItems, type ListItem } from './list-keys.js';
import type { Json } from './manifest.js';

export interface FieldChange {
  /** Keys, indices and list keys: `spec.template.spec.containers[name=main].image`; a key with a dot stands in quotes. */
  readonly path: string;
  /** Undefined: it is added. */
  readonly before: Json | undefined;
  /** Undefined: it is removed. */
  readonly after: Json | undefined;
}

/** In the order in which a person reads the object. A subtree that only one side has is one change. */
export function fieldChanges(before: Json | undefined, after: Json | undefined): readonly FieldChange[] {
  return changesAt('', '', before, after);
}

type Fields = { readonly [key: string]: Json | undefined };

function changesAt(
  path: string,
  field: string,
  before: Json | undefined,
  after: Json | undefined,
): readonly FieldChange[] {
  if (isList(before) && isList(after)) return listChanges(path, field, before, after);
  if (isObject(before) && isObject(after)) return keyChanges(path, before, after);
  return isDeepStrictEqual(before, after) ? [] : [{ path, before, after }];
}

function keyChanges(path: string, before: Fields, after: Fields): readonly FieldChange[] {
  const present = (fields: Fields): string[] => Object.keys(fields).filter((key) => fields[key] !== undefined);
  return merged(present(before), present(after)).flatMap((key) =>
    changesAt(below(path, key), key, fieldOf(before, key), fieldOf(after, key)),
  );
}

function listChanges(
  path: string,
  field: string,
  before: readonly Json[],
  after: readonly Json[],
): readonly FieldChange[] {
  const keys = keysOfItems(field, before, after);
  if (keys === undefined) return alignedChanges(path, before, after);
  const [old, now] = [new Map(zip(keys.before, before)), new Map(zip(keys.after, after))];
  const staying = keys.before.filter((key) => now.has(key));
  const order = keys.after.filter((key) => old.has(key));
  return [
    ...merged(keys.before, keys.after).flatMap((key) => changesAt(`${path}[${key}]`, '', old.get(key), now.get(key))),
    // Init containers run in their order, and a variable sees only those before it.
    ...(isDeepStrictEqual(staying, order) ? [] : [{ path: `${path}[order]`, before: staying, after: order }]),
  ];
}

/** A list that counts as one value to the API server: its order matters. */
function alignedChanges(path: string, before: readonly Json[], after: readonly Json[]): readonly FieldChange[] {
  const changes: FieldChange[] = [];
  let [i, j] = [0, 0];
  for (const [nextI, nextJ] of [...commonItems(before, after), [before.length, after.length] as const]) {
    // What stands between two items that stayed: first against first, then what one side has more.
    for (; i < nextI && j < nextJ; i++, j++) changes.push(...changesAt(`${path}[${j}]`, '', before[i], after[j]));
    for (; i < nextI; i++) changes.push({ path: `${path}[${i}]`, before: before[i], after: undefined });
    for (; j < nextJ; j++) changes.push({ path: `${path}[${j}]`, before: undefined, after: after[j] });
    i = nextI + 1;
    j = nextJ + 1;
  }
  return changes;
}

/** Above this, what lies between the common beginning and the common end is one change. */
const MOST_COMPARISONS = 9_000_000;

const isSame = (a: unknown, b: unknown): boolean => a === b || (typeof a === 'object' && isDeepStrictEqual(a, b));

/** Indices of the items of a longest common subsequence. */
export function commonItems<T>(before: readonly T[], after: readonly T[]): readonly (readonly [number, number])[] {
  let start = 0;
  while (start < before.length && start < after.length && isSame(before[start], after[start])) start++;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    isSame(before[before.length - 1 - end], after[after.length - 1 - end])
  )
    end++;
  const [rest, others] = [before.length - start - end, after.length - start - end];
  const [rows, columns] = rest * others > MOST_COMPARISONS ? [0, 0] : [rest, others];
  const width = columns + 1;
  const lengths = new Uint32Array((rows + 1) * width);
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  const same = (row: number, column: number): boolean => isSame(before[start + row], after[start + column]);
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      lengths[row * width + column] = same(row, column)
        ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const pairs: [number, number][] = Array.from({ length: start }, (_, index) => [index, index]);
  for (let row = 0, column = 0; row < rows && column < columns; ) {
    if (same(row, column)) pairs.push([start + row++, start + column++]);
    else if (at(row + 1, column) >= at(row, column + 1)) row++;
    else column++;
  }
  for (let index = end; index > 0; index--) pairs.push([before.length - index, after.length - index]);
  return pairs;
}

/** All of both, each once: what one side has more stands behind what precedes it there. */
function merged(before: readonly string[], after: readonly string[]): readonly string[] {
  const [old, now] = [new Set(before), new Set(after)];
  const result: string[] = [];
  let i = 0;
  for (const key of after) {
    if (old.has(key)) for (; i < before.length && before[i] !== key; i++) result.push(before[i] ?? '');
    if (old.has(key) && i < before.length) i++;
    result.push(key);
  }
  result.push(...before.slice(i));
  const seen = new Set<string>();
  // Where the order differs, the loop above met some twice.
  return result.filter((key) => (old.has(key) || now.has(key)) && !seen.has(key) && seen.add(key));
}

const zip = (keys: readonly string[], items: readonly ListItem[]): readonly (readonly [string, ListItem])[] =>
  items.map((item, index) => [keys[index] ?? '', item] as const);

const fieldOf = (fields: Fields, key: string): Json | undefined =>
  Object.hasOwn(fields, key) ? fields[key] : undefined;

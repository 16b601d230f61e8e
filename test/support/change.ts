/** Copies of plain data with one place changed. A place is written `a[0].b`, or as its keys where one holds a dot. */

export type Place = string | readonly string[];

const keysOf = (place: Place): readonly string[] =>
  typeof place === 'string' ? place.split(/[.[\]]+/).filter((key) => key !== '') : place;

/** `set({a: [{b: 1}]}, 'a[0].b', 2)`; `undefined` removes the key. */
export function set(value: unknown, place: Place, replacement: unknown): unknown {
  const [key, ...rest] = keysOf(place);
  if (key === undefined) return replacement;
  if (typeof value !== 'object' || value === null) throw new Error(`set: expected something that holds '${key}'`);
  const copy = Array.isArray(value) ? [...value] : { ...value };
  const child = set(Reflect.get(value, key), rest, replacement);
  if (child === undefined) Reflect.deleteProperty(copy, key);
  else Object.defineProperty(copy, key, { value: child, enumerable: true, configurable: true, writable: true });
  return copy;
}

export const at = (value: unknown, place: Place): unknown =>
  keysOf(place).reduce<unknown>(
    (parent, key) => (typeof parent === 'object' && parent !== null ? Reflect.get(parent, key) : undefined),
    value,
  );

/** The keys of every place in plain data, parents before children, without the whole. */
export function placesIn(value: unknown, above: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [[...above, key], ...placesIn(child, [...above, key])]);
}

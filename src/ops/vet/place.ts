/** Where in a manifest a path leads that names items of lists by their keys. */

import { stepsOf } from '../../manifest/field-path.js';
import type { Json, Manifest } from '../../manifest/manifest.js';

interface Place {
  /** Keys and indices, as far as the manifest has them. */
  readonly keys: readonly (string | number)[];
  /** Undefined where the manifest does not have all of the path. */
  readonly value: Json | undefined;
}

export function placeOf(manifest: Manifest, path: string): Place {
  const keys: (string | number)[] = [];
  let value: Json | undefined = manifest;
  for (const step of stepsOf(path)) {
    const key: string | number = 'field' in step ? step.field : indexOf(value, step.item);
    value = typeof value === 'object' && value !== null ? own(value, key) : undefined;
    if (value === undefined) return { keys, value };
    keys.push(key);
  }
  return { keys, value };
}

const own = (value: object, key: string | number): Json | undefined =>
  // Json all the way down.
  Object.hasOwn(value, key) ? (Reflect.get(value, key) as Json) : undefined;

/** `name=main`, `port=53,protocol=UDP`, or the index itself; -1 where there is none such. */
function indexOf(list: Json | undefined, item: string): number {
  if (!Array.isArray(list)) return -1;
  if (/^\d+$/.test(item)) return Number(item);
  const wanted = item.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
  return list.findIndex(
    (each: Json) =>
      typeof each === 'object' && each !== null && wanted.every(([key = '', text]) => `${own(each, key)}` === text),
  );
}

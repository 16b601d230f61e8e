/** Reading plain data whose shape nobody promises: every step may find nothing. */
import type { Json } from './manifest.js';

export type Field = Json | undefined;
type JsonObject = { readonly [key: string]: Field };

export const isList = (value: Field): value is readonly Json[] => Array.isArray(value);

export const isObject = (value: Field): value is JsonObject =>
  typeof value === 'object' && value !== null && !isList(value);

/** What stands at a path of keys; undefined where any step is missing. */
export const at = (value: Field, ...path: readonly string[]): Field =>
  path.reduce<Field>(
    (current, key) => (isObject(current) && Object.hasOwn(current, key) ? current[key] : undefined),
    value,
  );

export function textAt(value: Field, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

export function numberAt(value: Field, ...path: readonly string[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

/** The list at a path; empty where there is none. */
export function listAt(value: Field, ...path: readonly string[]): readonly Json[] {
  const found = at(value, ...path);
  return isList(found) ? found : [];
}

export const textsAt = (value: Field, ...path: readonly string[]): readonly string[] =>
  listAt(value, ...path).filter((entry) => typeof entry === 'string');

/** The fields of the object at a path that are there; empty where there is none. */
export function fieldsAt(value: Field, ...path: readonly string[]): readonly (readonly [string, Json])[] {
  const found = at(value, ...path);
  if (!isObject(found)) return [];
  return Object.entries(found).flatMap(([key, field]) => (field === undefined ? [] : [[key, field] as const]));
}

export interface Place {
  /** Dotted, e.g. `spec.volumes[0].nfs`. */
  readonly path: string;
  readonly key: string;
  readonly value: Json;
}

/** Every field at every depth, parents first. */
export function everyField(value: Field, path = ''): readonly Place[] {
  const places: Place[] = [];
  collect(value, path, places);
  return places;
}

// Loops, because this walks some ten thousand fields at each synth.
function collect(value: Field, path: string, places: Place[]): void {
  if (isList(value)) {
    for (let index = 0; index < value.length; index += 1) {
      addPlace(value[index], `${path}[${index}]`, String(index), places);
    }
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) addPlace(value[key], path === '' ? key : `${path}.${key}`, key, places);
  }
}

function addPlace(value: Field, path: string, key: string, places: Place[]): void {
  if (value === undefined) return;
  places.push({ path, key, value });
  if (typeof value === 'object') collect(value, path, places);
}

/** For messages: `""` and nothing differ. */
export const show = (value: Field): string => (value === undefined ? 'nothing' : JSON.stringify(value));

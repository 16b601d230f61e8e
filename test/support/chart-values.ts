/** Whether a Helm chart knows the values that we set: Helm itself ignores what it does not know, without a word. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The default values of a chart at a version, as vendored below test/fixtures. */
export const chartValues = (file: string): unknown =>
  parse(readFileSync(new URL(`../fixtures/upstream/chart-values/${file}.yaml`, import.meta.url), 'utf8'));

/**
 * The dotted paths in `values` that `defaults` does not have. A default that is an empty map or a list takes whatever
 * is put there, so nothing below it is looked at.
 */
export function unknownPaths(values: unknown, defaults: unknown, path = ''): readonly string[] {
  if (!isMap(values) || (isMap(defaults) && Object.keys(defaults).length === 0)) return [];
  if (!isMap(defaults)) return [path];
  return Object.entries(values).flatMap(([key, value]) => {
    const below = path === '' ? key : `${path}.${key}`;
    return Object.hasOwn(defaults, key) ? unknownPaths(value, defaults[key], below) : [below];
  });
}

/** The dotted paths of everything that takes a pod's affinity. */
export function affinityPaths(defaults: unknown, path = ''): readonly string[] {
  if (!isMap(defaults)) return [];
  return Object.entries(defaults).flatMap(([key, value]) => {
    const below = path === '' ? key : `${path}.${key}`;
    return key === 'affinity' ? [below] : affinityPaths(value, below);
  });
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

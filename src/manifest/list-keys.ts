/**
 * The keys by which an API server tells items of a list apart (`x-kubernetes-list-map-keys`), by the list's name.
 *
 * Two kinds of list are here although they count as one value: groups and rules of Prometheus, which people know by
 * their names.
 */
import type { Json } from './manifest.js';

export type ListItem = Json;

/** Field names; one with `=` has a default. The first set that every item has, and that tells all apart, counts. */
const KEYS: ReadonlyMap<string, readonly (readonly string[])[]> = new Map<string, readonly (readonly string[])[]>([
  ...['containers', 'initContainers', 'ephemeralContainers', 'volumes', 'env', 'imagePullSecrets', 'webhooks'].map(
    (list): [string, string[][]] => [list, [['name']]],
  ),
  ...['validations', 'resourceClaims', 'versions', 'groups', 'secrets', 'matchConditions'].map(
    (list): [string, string[][]] => [list, [['name']]],
  ),
  ['ports', [['containerPort', 'protocol=TCP'], ['port', 'protocol=TCP'], ['name']]],
  ['volumeMounts', [['mountPath']]],
  ['volumeDevices', [['devicePath']]],
  ['topologySpreadConstraints', [['topologyKey', 'whenUnsatisfiable']]],
  ['conditions', [['type']]],
  ['hostAliases', [['ip']]],
  ['ownerReferences', [['uid']]],
  ['rules', [['alert'], ['alert', 'labels.severity'], ['record']]],
]);

/** The keys of both sides' items, or undefined where they have none or two items have one. */
export function keysOfItems(
  list: string,
  before: readonly ListItem[],
  after: readonly ListItem[],
): { readonly before: readonly string[]; readonly after: readonly string[] } | undefined {
  for (const fields of KEYS.get(list) ?? []) {
    const [old, now] = [keys(before, fields), keys(after, fields)];
    if (old !== undefined && now !== undefined) return { before: old, after: now };
  }
  return undefined;
}

function keys(items: readonly ListItem[], fields: readonly string[]): readonly string[] | undefined {
  const found = items.map((item) => {
    const parts = fields.map((field) => {
      const [name = '', fallback] = field.split('=');
      const value = at(item, name.split('.')) ?? fallback;
      return value === undefined || typeof value === 'object'
        ? undefined
        : { name, value, isDefault: value === fallback };
    });
    return parts.some((part) => part === undefined)
      ? undefined
      : parts.flatMap((part) => (part === undefined || part.isDefault ? [] : [`${part.name}=${part.value}`])).join(',');
  });
  const complete = found.filter((key) => key !== undefined);
  return complete.length === items.length && new Set(complete).size === items.length ? complete : undefined;
}

function at(value: Json | undefined, [name, ...rest]: readonly string[]): Json | undefined {
  if (name === undefined) return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const found: unknown = Reflect.get(value, name);
  return at(found as Json | undefined, rest); // What Json holds is Json.
}

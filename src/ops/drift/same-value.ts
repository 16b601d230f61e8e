/** Whether the API server keeps a described value as the live one: it writes some in another way, and fills some in. */

import { isList, isObject } from '../../manifest/json.js';
import type { Json } from '../../manifest/manifest.js';
import { quantityOf } from '../../manifest/quantity.js';

interface Holder {
  /** The name of the field that holds the values, or of the one that holds that. */
  readonly field: string;
  /** Argo CD applied the whole of it, and nobody else has touched it since: what else is in it was filled in. */
  readonly asApplied: boolean;
}

export function isSameValue(live: Json, described: Json, { field, asApplied }: Holder): boolean {
  if (isList(live) && isList(described)) {
    return (
      live.length === described.length &&
      live.every((item, index) => isSameValue(item, described[index] ?? null, { field: '', asApplied }))
    );
  }
  if (isObject(live) && isObject(described)) {
    const said = Object.entries(described).filter(([, value]) => value !== undefined);
    return (
      said.every(([key, value]) => {
        const found = Object.hasOwn(live, key) ? live[key] : undefined;
        if (value === undefined || found === undefined) return value === undefined || isWithoutContent(value);
        return isSameValue(found, value, { field: holderOf(field, key), asApplied });
      }) &&
      (asApplied ||
        Object.entries(live).every(([key, value]) => Object.hasOwn(described, key) || FILLED_IN.get(key) === value))
    );
  }
  return live === described || (QUANTITIES.has(field) && isSameQuantity(live, described));
}

/** What the server leaves out when it writes an object: it is the same as not being there. */
export const isWithoutContent = (value: Json): boolean =>
  value === null || value === '' || value === 0 || value === false || (typeof value === 'object' && isEmpty(value));

const isEmpty = (value: object): boolean => Object.keys(value).length === 0;

/** What the server fills in below a value that counts as one: it is not in its record of owners. */
const FILLED_IN: ReadonlyMap<string, Json> = new Map([
  ['apiVersion', 'v1'],
  ['apiGroup', 'rbac.authorization.k8s.io'],
  ['protocol', 'TCP'],
  ['divisor', '0'],
  ['name', ''],
]);

/** By what name a field's value is judged: quantities stand below `limits`, by the resource's name. */
export const holderOf = (parent: string, field: string): string => (QUANTITIES.has(parent) ? parent : field);

/** The fields of a live value that the server filled in. */
export const filledIn = (live: { readonly [key: string]: Json | undefined }) =>
  Object.fromEntries(Object.entries(live).filter(([key, value]) => FILLED_IN.get(key) === value));

/** Fields whose values, or whose fields' values, are quantities. */
const QUANTITIES: ReadonlySet<string> = new Set(['requests', 'limits', 'sizeLimit', 'storage', 'divisor']);

function isSameQuantity(a: Json, b: Json): boolean {
  const [x, y] = [quantityOf(a), quantityOf(b)];
  return x !== undefined && y !== undefined && Math.abs(x - y) <= Math.abs(x) * 1e-12;
}

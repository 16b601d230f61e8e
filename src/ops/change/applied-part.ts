/** Of a live object what Argo CD has applied: near to what Git had, without what the API server filled in. */

import { isList, isObject } from '../../manifest/json.js';
import type { LiveObject } from '../../manifest/live-object.js';
import type { Json, Manifest } from '../../manifest/manifest.js';
import { argosFields, type FieldSet, isItem, isWhole, ownedBelow } from '../drift/field-set.js';

/** `shown`: the object as it is compared. Its metadata stay: a protection counts whoever put it there. */
export function appliedPart(live: LiveObject, shown: Manifest): Manifest {
  const applied = argosFields(live);
  if (isWhole(applied)) return shown;
  const { apiVersion, kind, metadata, ...content } = shown;
  const kept = partOf(content, applied);
  return { ...(isObject(kept) ? kept : {}), apiVersion, kind, metadata };
}

function partOf(value: Json | undefined, owned: FieldSet): Json | undefined {
  if (isWhole(owned)) return value;
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, inner]) => {
        const below = ownedBelow(owned, `f:${key}`);
        return below === undefined ? [] : [[key, partOf(inner, below)]];
      }),
    );
  }
  if (!isList(value)) return value;
  return value.flatMap((item) => {
    const part = Object.keys(owned).find((key) => key !== '.' && isItem(key, item));
    const kept = part === undefined ? undefined : partOf(item, owned[part] ?? {});
    return kept === undefined ? [] : [kept];
  });
}

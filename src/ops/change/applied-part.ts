/** Of a live object what Argo CD has applied: near to what Git had, without what the API server filled in. */
import type { LiveObject } from '../../manifest/live-object.js';
import type { Json, Manifest } from '../../manifest/manifest.js';
import {
  type FieldSet,
  fieldsOf,
  isArgosEntry,
  isFields,
  isItem,
  isList,
  isWhole,
  managersOf,
  united,
} from '../drift/field-set.js';

/** `shown`: the object as it is compared. Its metadata stay: a protection counts whoever put it there. */
export function appliedPart(live: LiveObject, shown: Manifest): Manifest {
  const applied = united(managersOf(live).filter(isArgosEntry).map(fieldsOf));
  if (isWhole(applied)) return shown;
  const { apiVersion, kind, metadata, ...content } = shown;
  const kept = partOf(content, applied);
  return { ...(isFields(kept) ? kept : {}), apiVersion, kind, metadata };
}

function partOf(value: Json | undefined, owned: FieldSet): Json | undefined {
  if (isWhole(owned)) return value;
  if (isFields(value)) {
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, inner]) => {
        const below = Object.hasOwn(owned, `f:${key}`) ? owned[`f:${key}`] : undefined;
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

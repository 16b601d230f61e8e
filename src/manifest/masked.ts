/**
 * Objects and their changes without what nobody may read: values of Secrets, and whatever looks like a key.
 *
 * That a value differs is shown, as `***` on both sides; what it is, or was, never is.
 */
import { holdsSecret } from '../cluster/secret.js';
import { type FieldChange, fieldChanges } from './field-changes.js';
import { isList } from './json.js';
import { isSecret, type Json, type Manifest } from './manifest.js';

const MASK = '***';

/** The object as kubectl last applied it, in full: with the values of a Secret. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export function masked(manifest: Manifest): Manifest {
  const shown = { ...manifest, metadata: manifest.metadata, ...withoutSecrets(manifest) };
  if (!isSecret(manifest)) return shown;
  return {
    ...shown,
    ...(manifest.data === undefined ? {} : { data: keysOnly(manifest.data) }),
    ...(manifest.stringData === undefined ? {} : { stringData: keysOnly(manifest.stringData) }),
  };
}

/** What differs between two states of an object. The values are masked after they were compared. */
export function maskedChanges(before: Manifest | undefined, after: Manifest | undefined): readonly FieldChange[] {
  if (before === undefined || after === undefined) {
    const [old, now] = [before, after].map((manifest) => (manifest === undefined ? undefined : masked(manifest)));
    return old === undefined && now === undefined ? [] : [{ path: '', before: old, after: now }];
  }
  return fieldChanges(before, after).map(({ path, before: old, after: now }) => {
    const hides = isSecret(after) && /^(data|stringData)\b/.test(path);
    const show = (value: Json | undefined): Json | undefined => {
      if (value === undefined) return undefined;
      if (hides) return keysOnly(value);
      return path.endsWith(JSON.stringify(LAST_APPLIED)) ? MASK : valueWithoutSecrets(value);
    };
    return { path, before: show(old), after: show(now) };
  });
}

/** The keys of a Secret may be read, its values may not. */
const keysOnly = (value: Json): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.keys(value).map((key) => [key, MASK]))
    : MASK;

type Fields = { readonly [key: string]: Json | undefined };

const withoutSecrets = (fields: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value === undefined ? undefined : key === LAST_APPLIED ? MASK : valueWithoutSecrets(value),
    ]),
  );

function valueWithoutSecrets(value: Json): Json {
  if (typeof value === 'string') return holdsSecret(value) ? MASK : value;
  if (typeof value !== 'object' || value === null) return value;
  return isList(value) ? value.map(valueWithoutSecrets) : withoutSecrets(value);
}

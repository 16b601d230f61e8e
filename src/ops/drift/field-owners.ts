/** Who set a field of a live object, as far as the API server has kept it. */

import { stepsOf } from '../../manifest/field-path.js';
import type { LiveObject, ManagedFields } from '../../manifest/live-object.js';
import { fieldsOf, isArgosEntry, isWhole, managersOf, partAt } from './field-set.js';

export interface Writer {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  /** `scale`, `status`; null for the object itself. */
  readonly subresource: string | null;
  /** When this manager last changed what it owns, RFC 3339; null where the API server did not keep it. */
  readonly time: string | null;
}

/**
 * The manager that owns the field, or something below it; the newest where several do, and Argo CD only where nobody
 * else does. Null where nobody is on record: a field that somebody removed leaves no trace.
 */
export function writerOf(object: LiveObject, path: string): Writer | null {
  const entries = managersOf(object).filter((entry) => owns(entry, path));
  const others = entries.filter((entry) => !isArgosEntry(entry));
  const newest = (others.length > 0 ? others : entries).reduce<ManagedFields | undefined>(
    (best, entry) => (best === undefined || (entry.time ?? '') > (best.time ?? '') ? entry : best),
    undefined,
  );
  if (newest === undefined) return null;
  const { manager, operation, subresource = null, time = null } = newest;
  return { manager, operation, subresource, time };
}

/** Whether it owns the field, something below it, or something that counts as one value and holds it. */
export function owns(entry: ManagedFields, path: string): boolean {
  let part = fieldsOf(entry);
  for (const [depth, step] of stepsOf(path).entries()) {
    const next = partAt(part, step);
    // The order of a list is nobody's but the list's.
    if (next === undefined) return depth > 0 && (isWhole(part) || ('item' in step && step.item === 'order'));
    part = next;
  }
  return true;
}

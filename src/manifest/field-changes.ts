/**
 * What differs between two values, field by field, as a person names the fields.
 *
 * A list whose items have a key to the API server (containers by name, ports by number and protocol) is compared by
 * that key, so that an inserted container is one change and not all of them.
 */
import type { Json } from './manifest.js';

export interface FieldChange {
  /** Keys, indices and list keys: `spec.template.spec.containers[name=main].image`; a key with a dot stands in quotes. */
  readonly path: string;
  /** Undefined: it is added. */
  readonly before: Json | undefined;
  /** Undefined: it is removed. */
  readonly after: Json | undefined;
}

/** In the order in which a person reads the object. A subtree that only one side has is one change. */
export declare function fieldChanges(before: Json | undefined, after: Json | undefined): readonly FieldChange[];

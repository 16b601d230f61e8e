/** What a change of Git does to one object, in Argo CD's own terms. */
import type { FieldChange } from '../../manifest/field-changes.js';
import type { ObjectRef } from '../../manifest/live-object.js';
import type { Placed } from './placed.js';

/**
 * `recreated`: deleted and created anew, with everything that hung on it. `refused`: the API server takes no such
 * change, and the sync fails. `pruned`: deleted. `renamed`: one object is deleted, another created. `moved`: another
 * Application syncs it. `rolled`: its pods are replaced. `orphaned`: it stays, and no file says how it should be.
 * `released`: a patch of somebody else's object gives its fields back. `frozen`: it stays as it is, because its
 * Application cannot be rendered any more. `patched`: fields of somebody else's object. `changed`: in place.
 */
export const EFFECTS = [
  'recreated',
  'refused',
  'pruned',
  'renamed',
  'moved',
  'rolled',
  'frozen',
  'orphaned',
  'released',
  'patched',
  'changed',
  'created',
] as const;

type Effect = (typeof EFFECTS)[number];

/** What is lost or stands still is a danger; what is interrupted or left over asks for care. */
export const WEIGHTS = ['danger', 'care', 'plain'] as const;

export type Weight = (typeof WEIGHTS)[number];

export interface ObjectChange {
  readonly effect: Effect;
  readonly weight: Weight;
  readonly cluster: string;
  /** The Application that syncs it after the change, or did before; empty for what no Application holds. */
  readonly application: string;
  /** With the namespace that it is in, also where the file leaves that to the Application. */
  readonly object: ObjectRef;
  /** Relative to the folder that was read. */
  readonly file: string;
  /** What it was called, or which Application synced it. Null where neither is another. */
  readonly formerly: string | null;
  /** Of an object that is on both sides; masked. */
  readonly fields: readonly FieldChange[];
  /** Sentences, the most important first. */
  readonly consequences: readonly string[];
}

/** Which object a change is of. */
export const changeIn = ({ application, cluster, ref, file }: Placed) => ({
  cluster,
  application: application?.name ?? '',
  object: ref,
  file,
  formerly: null,
});

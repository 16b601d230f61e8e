/** One live object as it is, and as an apply of its description makes it. */
import { FOREIGN } from '../../argo/sync-options.js';
import type { SyncedApplication, Tree } from '../../argo/tree.js';
import { textAt } from '../../manifest/json.js';
import { nameOf, type ObjectRef, refOf } from '../../manifest/live-object.js';
import { groupOf, type Manifest } from '../../manifest/manifest.js';
import { comparable } from '../drift/comparable.js';
import type { ObjectFacts } from '../drift/facts.js';
import { predictedApply } from '../drift/predicted-apply.js';
import type { Unknown } from '../drift/report.js';
import { TRACKING_ID, trackerOf } from '../drift/tracking.js';
import { isDefinition } from './definitions.js';
import type { Verdict } from './live-state.js';

export interface ObjectSides {
  readonly application: SyncedApplication;
  readonly object: ObjectRef;
  /** Undefined: it is not there. */
  readonly before: Manifest | undefined;
  readonly after: Manifest;
  /** The Application that has it in the cluster; null: none. */
  readonly holder: string | null;
  readonly verdict: Verdict | null;
}

/** What could not be told is on neither side. */
export function sidesOf({ application, described, live, applied }: ObjectFacts, head: Tree): ObjectSides | Unknown {
  const object = refOf(described);
  const subject = nameOf(object);
  const shared = { application, object, holder: application.name, verdict: null };
  if (live === 'withheld') return { subject, why: 'Secrets are not read' };
  if (!live.ok && !(live.failure.kind === 'unknown-kind' && defines(head, described)))
    return { subject, why: live.failure.message };
  if (!live.ok || live.value === null) return { ...shared, before: undefined, after: cleaned(described) };
  const found = live.value;
  if (found.metadata.deletionTimestamp !== undefined)
    return { subject, why: `it is being deleted since ${found.metadata.deletionTimestamp}` };
  // A patch that its owner has undone is a patch again, and not an object that moves to us.
  const holder =
    trackerOf(found, application.name) ??
    (described.metadata.annotations?.[FOREIGN] === undefined ? null : application.name);
  const both = { ...shared, before: cleaned(found), holder };
  if (applied === null) return { subject, why: 'it was not compared' };
  const { result, by } = applied;
  if (result.ok) return { ...both, after: cleaned(result.value), verdict: by === 'dry-run' ? { refused: null } : null };
  if (result.failure.kind !== 'refused') return { subject, why: result.failure.message };
  return {
    ...both,
    after: cleaned(predictedApply(found, described)),
    verdict: { refused: result.failure.message },
  };
}

/** Whether head brings the kind itself: then a server that does not know it has no such object. */
const defines = ({ applications }: Tree, wanted: Manifest): boolean =>
  applications.some(({ objects }) =>
    objects.some(
      ({ manifest }) =>
        isDefinition(manifest) &&
        textAt(manifest.spec, 'group') === groupOf(wanted) &&
        textAt(manifest.spec, 'names', 'kind') === wanted.kind,
    ),
  );

/** Without what the server counts, and without Argo CD's mark: who has the object is told apart. */
export function cleaned(object: Manifest): Manifest {
  const { metadata, ...content } = comparable(object);
  const { annotations, ...rest } = metadata;
  const notes = Object.entries(annotations ?? {}).filter(([key]) => key !== TRACKING_ID);
  return {
    ...content,
    metadata: { ...rest, ...(notes.length > 0 && { annotations: Object.fromEntries(notes) }) },
  };
}

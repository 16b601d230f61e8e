/** A change held against a live cluster: what somebody set there by hand, and what of it the next sync takes back. */
import { FOREIGN } from '../../argo/sync-options.js';
import type { SyncedApplication } from '../../argo/tree.js';
import type { Answer, LiveObject } from '../../manifest/live-object.js';
import { describe, groupOf } from '../../manifest/manifest.js';
import { maskedChanges } from '../../manifest/masked.js';
import { argoView, trackedResource } from '../drift/argo-view.js';
import { comparable } from '../drift/comparable.js';
import type { ObjectFacts } from '../drift/facts.js';
import { owns, writerOf } from '../drift/field-owners.js';
import { ARGO_MANAGER, isArgosEntry, managersOf } from '../drift/field-set.js';
import { isController } from '../drift/foreign-fields.js';
import { ignoredBy } from '../drift/reaction.js';
import type { FieldDifference, Unknown } from '../drift/report.js';
import { type Change, keyOf, type Placed } from './change.js';
import { placeOf } from './place.js';
import { isSame } from './same.js';

/** What a look at the cluster found of head's objects. */
export interface LiveLook {
  readonly objects: readonly ObjectFacts[];
  /** The Applications themselves. */
  readonly applications: ReadonlyMap<SyncedApplication, Answer<LiveObject | null>>;
}

export interface LiveFix extends FieldDifference {
  readonly placed: Placed;
}

/**
 * Fields that are live as somebody else than Argo CD set them and that an apply of head makes otherwise, and objects
 * that somebody deleted: their path is empty.
 */
export function liveFixes(change: Change): readonly LiveFix[] {
  return looked(change).flatMap(({ placed, before, facts: { live, applied, described } }) => {
    if (live === 'withheld' || !live.ok) return [];
    if (live.value === null) return isDeleted(change, placed, before) ? [deleted(placed)] : [];
    if (!applied?.result.ok) return [];
    const object = live.value;
    const { policy, source } = placed.application;
    return maskedChanges(comparable(object), comparable(applied.result.value))
      .map(({ path, before: now, after: then }) => ({
        placed,
        path,
        described: then,
        live: now,
        writer: writerOf(object, path),
      }))
      .filter((fix) => isSetByHand(object, fix) || isTakenAway(object, fix, before))
      .filter(
        (fix) =>
          !policy.options.has('RespectIgnoreDifferences=true') ||
          ignoredBy(source.manifest.spec, described, [fix]) === null,
      );
  });
}

/** What could not be told of it: with one of these, nothing found is not nothing there. */
export function unknownFixes(change: Change): readonly Unknown[] {
  return looked(change).flatMap(({ placed, before, facts: { live, applied } }) => {
    const subject = describe(placed.manifest);
    if (live === 'withheld') return isSecretInStep(change, placed, before) ? [] : [{ subject, why: NOT_READ }];
    if (!live.ok) return [{ subject, why: live.failure.message }];
    if (live.value === null) return [];
    if (applied === null) return [{ subject, why: 'it was not compared' }];
    if (applied.result.ok) return [];
    const { kind, message } = applied.result.failure;
    return [{ subject, why: kind === 'refused' ? `the API server refuses it as it is in head: ${message}` : message }];
  });
}

const NOT_READ = 'Secrets are not read, and it is not as Argo CD last synced it, or nobody can say';

interface Looked {
  readonly placed: Placed;
  /** The same object in base. */
  readonly before: Placed | undefined;
  readonly facts: ObjectFacts;
}

function looked({ live, before, after }: Change): readonly Looked[] {
  const old = new Map(before.map((placed) => [keyOf(placed), placed]));
  return (live?.objects ?? []).flatMap((facts) => {
    const placed = after.find((each) => each.application === facts.application && isOf(facts, each));
    return placed === undefined ? [] : [{ placed, before: old.get(keyOf(placed)), facts }];
  });
}

/** The described object may have got its Application's namespace. */
const isOf = ({ described }: ObjectFacts, { manifest }: Placed): boolean =>
  described.kind === manifest.kind &&
  described.metadata.name === manifest.metadata.name &&
  groupOf(described) === groupOf(manifest) &&
  (manifest.metadata.namespace === undefined || manifest.metadata.namespace === described.metadata.namespace);

/** Argo CD synced it once, Git had it and has it, and it is not there. */
function isDeleted({ live }: Change, { application, manifest }: Placed, before: Placed | undefined): boolean {
  const comesAndGoes = manifest.kind === 'Job' || manifest.metadata.annotations?.['argocd.argoproj.io/hook'];
  const isForeign = manifest.metadata.annotations?.[FOREIGN] !== undefined;
  if (before === undefined || before.application.name !== application.name || comesAndGoes || isForeign) return false;
  const view = argoView(application, live?.applications.get(application));
  return view.operation?.phase === 'Succeeded' && trackedResource(view, manifest) !== undefined;
}

const deleted = (placed: Placed): LiveFix => ({
  placed,
  path: '',
  described: placed.manifest,
  live: undefined,
  writer: null,
});

/** What Argo CD owns is as Argo CD applied it, so that it is the change itself which makes it otherwise. */
const isSetByHand = (object: LiveObject, { path, live, writer }: FieldDifference): boolean =>
  writer !== null &&
  writer.manager !== ARGO_MANAGER &&
  !isController(writer.manager) &&
  (typeof live === 'object' || !isArgos(object, path));

/** Base has it, and Argo CD applied it once and owns it no more: somebody removed it, which leaves no other trace. */
const isTakenAway = (
  object: LiveObject,
  { path, live, described, writer }: FieldDifference,
  before: Placed | undefined,
): boolean =>
  live === undefined &&
  writer === null &&
  before !== undefined &&
  managersOf(object).some(isArgosEntry) &&
  isSame(placeOf(before.manifest, path).value, described);

const isArgos = (object: LiveObject, path: string): boolean =>
  managersOf(object).some((entry) => entry.manager === ARGO_MANAGER && owns(entry, path));

/** Of a Secret only Argo CD says how it is, and only against what it last synced. */
function isSecretInStep({ live }: Change, { application, manifest }: Placed, before: Placed | undefined): boolean {
  if (before === undefined || !isSame(before.manifest, manifest)) return false;
  return trackedResource(argoView(application, live?.applications.get(application)), manifest)?.status === 'Synced';
}

/**
 * A live cluster as the side that a change is held against, so that one review serves both questions.
 *
 * Before: what the cluster has. After: what an apply of head makes of it, as the API server said or as it was predicted.
 * What could not be told is on neither side, and is said.
 */
import { FOREIGN } from '../../argo/sync-options.js';
import { syncPolicyOf } from '../../argo/sync-policy.js';
import type { SyncedApplication, SyncedObject, Tree } from '../../argo/tree.js';
import { at, textAt } from '../../manifest/json.js';
import { type LiveObject, nameOf, type ObjectRef, refOf } from '../../manifest/live-object.js';
import type { Manifest } from '../../manifest/manifest.js';
import { comparable } from '../drift/comparable.js';
import type { ObjectFacts } from '../drift/facts.js';
import { predictedApply } from '../drift/predicted-apply.js';
import type { Unknown } from '../drift/report.js';
import { TRACKING_ID, trackerOf } from '../drift/tracking.js';
import { isSame } from '../vet/same.js';
import { appliedPart } from './applied-part.js';
import { keyOfRef, type LiveApplication, type LiveState, type Verdict } from './live-state.js';
import { refOfApplication } from './placed.js';

interface LiveSides {
  readonly base: Tree;
  readonly head: Tree;
  /** What the API server said of an apply, by what it would make of the object. */
  readonly verdicts: ReadonlyMap<Manifest, Verdict>;
  readonly unknown: readonly Unknown[];
  /** How many were worked out here, because the API server does not let us ask. */
  readonly predicted: number;
}

/** One object on both sides; undefined: not there. */
interface Sides {
  readonly application: SyncedApplication;
  readonly object: ObjectRef;
  readonly before: Manifest | undefined;
  readonly after: Manifest | undefined;
  /** The Application that has it in the cluster; null: none. */
  readonly holder: string | null;
  readonly verdict: Verdict | null;
}

export function liveSides({ head, objects, applications }: LiveState): LiveSides {
  const cluster = head.applications[0]?.cluster ?? '';
  const looked = objects.map((facts) => sidesOf(facts, head));
  const sides = looked.flatMap((each) => ('why' in each ? [] : [each]));
  const leftOver = applications.map(leftOverOf);
  const before = new Map(
    [
      ...sides.map(({ object, before: manifest }) => [object, manifest] as const),
      ...leftOver.flatMap(({ objects: own }) => own.map((manifest) => [refOf(manifest), manifest] as const)),
    ].flatMap(([ref, manifest]) => (manifest === undefined ? [] : [[keyOfRef(ref), manifest] as const])),
  );
  const after = new Map(sides.map(({ object, after: manifest }) => [keyOfRef(object), manifest]));
  const held = (name: string | null): readonly SyncedObject[] =>
    sides.flatMap(({ holder, before: manifest }) =>
      holder === name && manifest !== undefined ? [{ file: '', manifest }] : [],
    );
  const living = applications.flatMap((application, index): readonly SyncedApplication[] => {
    const { ref, live, described } = application;
    if (!live.ok || live.value === null) return [];
    const manifest = before.get(keyOfRef(ref)) ?? cleaned(live.value);
    const own = (leftOver[index]?.objects ?? []).map((each) => ({ file: '', manifest: each }));
    return [
      {
        cluster,
        name: ref.name,
        namespace: ref.namespace ?? '',
        ...sourceOf(live.value, described),
        policy: syncPolicyOf(live.value),
        source: { file: '', manifest },
        objects: [...held(ref.name), ...own],
      },
    ];
  });
  const strangers = [...new Set(sides.flatMap(({ holder }) => holder ?? []))].filter(
    (name) => !living.some((application) => application.name === name),
  );
  return {
    base: {
      applications: [...living, ...strangers.map((name) => strangerOf(name, cluster, held(name)))],
      unclaimed: held(null),
    },
    head: {
      applications: head.applications.map((application) => {
        const ref = refOfApplication(application);
        const manifest = after.get(keyOfRef(ref));
        const live = applications.find((each) => each.described === application)?.live;
        // Nobody syncs the first Application: what counts is how it was applied.
        const policy = manifest ?? (live?.ok ? live.value : null);
        return {
          ...application,
          ...(policy ? { policy: syncPolicyOf(policy) } : {}),
          source: { ...application.source, manifest: manifest ?? application.source.manifest },
          objects: sides.flatMap(({ application: own, after: made }) =>
            own === application && made !== undefined ? [{ file: fileOf(application, made), manifest: made }] : [],
          ),
        };
      }),
      unclaimed: [],
    },
    verdicts: new Map(
      sides.flatMap(({ after: made, verdict }) => (made === undefined || verdict === null ? [] : [[made, verdict]])),
    ),
    unknown: [
      ...looked.flatMap((each) => ('why' in each ? [each] : [])),
      ...leftOver.flatMap(({ unknown }) => unknown),
    ],
    predicted: objects.filter(({ applied }) => applied?.by === 'prediction').length,
  };
}

function sidesOf({ application, described, live, applied }: ObjectFacts, head: Tree): Sides | Unknown {
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
const defines = ({ applications }: Tree, { apiVersion, kind }: Manifest): boolean =>
  applications.some(({ objects }) =>
    objects.some(
      ({ manifest }) =>
        manifest.kind === 'CustomResourceDefinition' &&
        textAt(manifest.spec, 'group') === apiVersion.split('/')[0] &&
        textAt(manifest.spec, 'names', 'kind') === kind,
    ),
  );

/** What leaves the cluster with the sync, or stays behind. */
function leftOverOf({ ref, described, live, others }: LiveApplication): {
  readonly objects: readonly Manifest[];
  readonly unknown: readonly Unknown[];
} {
  const beyond = `what else Application ${ref.name} has`;
  if (described !== null && described.notRendered !== null) return { objects: [], unknown: [] };
  if (!live.ok) return { objects: [], unknown: [{ subject: beyond, why: live.failure.message }] };
  if (live.value === null) return { objects: [], unknown: [] };
  const status = textAt(live.value.status, 'sync', 'status') ?? '';
  const compared = ['Synced', 'OutOfSync'].includes(status);
  return {
    objects: others.flatMap(({ ref: other, live: answer }) => {
      if (!answer.ok) return [bare(other)];
      return answer.value === null || trackerOf(answer.value, ref.name) !== ref.name
        ? []
        : [appliedPart(answer.value, cleaned(answer.value))];
    }),
    unknown: [
      ...(compared ? [] : [{ subject: beyond, why: `Argo CD has not compared it (${status || 'never'})` }]),
      ...others.flatMap(({ ref: other, live: answer }) =>
        answer.ok ? [] : [{ subject: nameOf(other), why: `whether it may be pruned: ${answer.failure.message}` }],
      ),
    ],
  };
}

/** It is there, and more is not known: Argo CD says so. */
const bare = ({ apiVersion, kind, namespace, name }: ObjectRef): Manifest => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace !== undefined && { namespace }) },
});

/** Without what the server counts, and without Argo CD's mark: who has the object is told apart. */
function cleaned(object: LiveObject | Manifest): Manifest {
  const { metadata, ...content } = comparable(object as LiveObject);
  const { annotations, ...rest } = metadata;
  const notes = Object.entries(annotations ?? {}).filter(([key]) => key !== TRACKING_ID);
  return {
    ...content,
    metadata: { ...rest, ...(notes.length > 0 && { annotations: Object.fromEntries(notes) }) },
  };
}

/** An Application that head does not know and that is not looked at: all that is known is that it has an object. */
const strangerOf = (name: string, cluster: string, objects: readonly SyncedObject[]): SyncedApplication => {
  const manifest = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata: { name } };
  const source = { file: '', manifest };
  const policy = syncPolicyOf(manifest);
  return { cluster, name, namespace: '', folder: null, notRendered: 'unknown', policy, source, objects };
};

/** From where a live Application reads. */
function sourceOf(
  { spec }: Manifest,
  described: SyncedApplication | null,
): Pick<SyncedApplication, 'folder' | 'notRendered'> {
  const wanted = described?.source.manifest.spec;
  const path = textAt(spec, 'source', 'path') ?? null;
  return described !== null &&
    path === (textAt(wanted, 'source', 'path') ?? null) &&
    isSame(at(spec, 'sources'), at(wanted, 'sources'))
    ? { folder: described.folder, notRendered: described.notRendered }
    : { folder: path, notRendered: path === null ? 'another source' : null };
}

const fileOf = ({ objects }: SyncedApplication, { kind, metadata }: Manifest): string =>
  objects.find(({ manifest }) => manifest.kind === kind && manifest.metadata.name === metadata.name)?.file ?? '';

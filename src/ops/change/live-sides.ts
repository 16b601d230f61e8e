/**
 * A live cluster as the side that a change is held against, so that one review serves both questions.
 *
 * Before: what the cluster has. After: what an apply of head makes of it, as the API server said or as it was predicted.
 * What could not be told is on neither side, and is said.
 */
import { syncPolicyOf } from '../../argo/sync-policy.js';
import type { SyncedApplication, SyncedObject, Tree } from '../../argo/tree.js';
import { at, textAt } from '../../manifest/json.js';
import { refOf } from '../../manifest/live-object.js';
import type { Manifest } from '../../manifest/manifest.js';
import type { Unknown } from '../drift/report.js';
import { isSame } from '../vet/same.js';
import { leftOverOf } from './left-over.js';
import { cleaned, type ObjectSides, sidesOf } from './live-object-sides.js';
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

export function liveSides(state: LiveState): LiveSides {
  const looked = state.objects.map((facts) => sidesOf(facts, state.head));
  const sides = looked.flatMap((each) => ('why' in each ? [] : [each]));
  const leftOver = new Map(state.applications.map((each) => [each, leftOverOf(each)]));
  const objectsLeft = new Map([...leftOver].map(([each, { objects }]) => [each, objects]));
  return {
    base: clusterAsItIs(state, sides, objectsLeft),
    head: clusterAsApplied(state, sides),
    verdicts: new Map(sides.flatMap(({ after, verdict }) => (verdict === null ? [] : [[after, verdict]]))),
    unknown: [
      ...looked.flatMap((each) => ('why' in each ? [each] : [])),
      ...[...leftOver.values()].flatMap(({ unknown }) => unknown),
    ],
    predicted: state.objects.filter(({ applied }) => applied?.by === 'prediction').length,
  };
}

function clusterAsItIs(
  { head, applications }: LiveState,
  sides: readonly ObjectSides[],
  leftOver: ReadonlyMap<LiveApplication, readonly Manifest[]>,
): Tree {
  const cluster = head.applications[0]?.cluster ?? '';
  const held = (name: string | null): readonly SyncedObject[] =>
    sides.flatMap(({ holder, before }) =>
      holder === name && before !== undefined ? [{ file: '', manifest: before }] : [],
    );
  // An Application's own manifest has to be the one that its holder has among its objects.
  const found = new Map([
    ...sides.flatMap(({ object, before }) => (before === undefined ? [] : [[keyOfRef(object), before] as const])),
    ...[...leftOver.values()].flat().map((manifest) => [keyOfRef(refOf(manifest)), manifest] as const),
  ]);
  const living = applications.flatMap((application): readonly SyncedApplication[] => {
    const { ref, live, described } = application;
    if (!live.ok || live.value === null) return [];
    const manifest = found.get(keyOfRef(ref)) ?? cleaned(live.value);
    const own = (leftOver.get(application) ?? []).map((each) => ({ file: '', manifest: each }));
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
    applications: [...living, ...strangers.map((name) => strangerOf(name, cluster, held(name)))],
    unclaimed: held(null),
  };
}

function clusterAsApplied({ head, applications }: LiveState, sides: readonly ObjectSides[]): Tree {
  const made = new Map(sides.map(({ object, after }) => [keyOfRef(object), after]));
  return {
    applications: head.applications.map((application) => {
      const manifest = made.get(keyOfRef(refOfApplication(application)));
      const live = applications.find(({ described }) => described === application)?.live;
      // Nobody syncs the first Application: what counts is how it was applied.
      const policy = manifest ?? (live?.ok ? live.value : null);
      return {
        ...application,
        ...(policy ? { policy: syncPolicyOf(policy) } : {}),
        source: { ...application.source, manifest: manifest ?? application.source.manifest },
        objects: sides.flatMap(({ application: own, after }) =>
          own === application ? [{ file: fileOf(application, after), manifest: after }] : [],
        ),
      };
    }),
    unclaimed: [],
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

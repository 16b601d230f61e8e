/**
 * Two trees, object by object: what Argo CD will do when the second takes the place of the first.
 *
 * Nothing is asked of a cluster. Where the outcome depends on one, the sentence says so.
 */

import { FOREIGN } from '../../argo/sync-options.js';
import type { Tree } from '../../argo/tree.js';
import { optionsOf } from '../../guardrails/argo.js';
import type { FieldChange } from '../../manifest/field-changes.js';
import { at } from '../../manifest/json.js';
import { nameOf } from '../../manifest/live-object.js';
import { groupOf, type Manifest } from '../../manifest/manifest.js';
import { maskedChanges } from '../../manifest/masked.js';
import { counted, listed } from '../words.js';
import { wordsForChanged, wordsForCreated, wordsForRemoved } from './application-words.js';
import { fateOf } from './fate.js';
import { isReconciled, refusedChanges } from './immutable.js';
import type { Verdict } from './live-state.js';
import { isPrecious, lossOf, workloadsReading } from './losses.js';
import { moveOf } from './moves.js';
import { EFFECTS, type ObjectChange } from './object-change.js';
import { type Placed, placedIn } from './placed.js';
import { renamingsIn } from './renames.js';
import { rolloutOf } from './rollout.js';

/** What the sentences about one object ask of the others. */
interface Sides {
  readonly base: Tree;
  readonly head: Tree;
  /** All that is in Git after the change. */
  readonly staying: readonly Placed[];
  /** The same object before it. */
  readonly before: (after: Placed) => Placed | undefined;
  /** Of objects that an API server was asked about. */
  readonly verdicts: ReadonlyMap<Manifest, Verdict>;
}

export function review(
  base: Tree,
  head: Tree,
  verdicts: ReadonlyMap<Manifest, Verdict> = new Map(),
): readonly ObjectChange[] {
  const [old, now] = [placedIn(base), placedIn(head)];
  const gone = new Map([...old].filter(([key]) => !now.has(key)));
  const come = new Map([...now].filter(([key]) => !old.has(key)));
  const pairs = [...now].flatMap(([key, after]) => {
    const before = old.get(key);
    return before === undefined ? [] : [{ before, after }];
  });
  for (const { before, after, keys } of takenUp(gone, come)) {
    pairs.push({ before, after });
    for (const key of keys) gone.delete(key) || come.delete(key);
  }
  const staying = [...now.values()];
  const formerly = new Map(pairs.map(({ before, after }) => [after, before]));
  const sides: Sides = { base, head, staying, before: (after) => formerly.get(after), verdicts };
  const removed = [...gone.values()].map((before) => ({ before, fate: fateOf(before, base, head) }));
  const renamings = renamingsIn(
    removed.flatMap(({ before, fate }) => (fate.effect === 'pruned' ? [before] : [])),
    [...come.values()],
  );
  const renamed = new Set(renamings.flatMap(({ before, after }) => [before, after]));
  const changes = [
    ...pairs.flatMap(({ before, after }) => changeOf(before, after, sides)),
    ...renamings.map(({ before, after }) => renamingOf(before, after, staying)),
    ...removed
      .filter(({ before }) => !renamed.has(before))
      .map(({ before, fate }) => removalOf(before, fate, base, staying)),
    ...[...come.values()].filter((after) => !renamed.has(after)).map((after) => creationOf(after, head)),
  ];
  return changes.sort((a, b) => compareKeys(sortKey(a), sortKey(b)));
}

const WEIGHTS: readonly ObjectChange['weight'][] = ['danger', 'care', 'plain'];

const sortKey = ({ weight, cluster, application, effect, object }: ObjectChange): readonly (string | number)[] => [
  WEIGHTS.indexOf(weight),
  cluster,
  application,
  EFFECTS.indexOf(effect),
  object.kind,
  object.namespace ?? '',
  object.name,
];

function compareKeys(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  const index = a.findIndex((part, position) => part !== b[position]);
  return index < 0 ? 0 : (a[index] ?? '') < (b[index] ?? '') ? -1 : 1;
}

/** What no Application held, and one does now, or the other way round. */
function takenUp(gone: ReadonlyMap<string, Placed>, come: ReadonlyMap<string, Placed>) {
  const identity = ({ manifest, ref }: Placed): string =>
    [groupOf(manifest), ref.kind, ref.namespace ?? '', ref.name].join('\0');
  return [...gone].flatMap(([oldKey, before]) => {
    const found = [...come].filter(
      ([, after]) =>
        (before.application === null || after.application === null) && identity(before) === identity(after),
    );
    const [match, ...others] = found;
    // Two clusters may have an object of one name each.
    return match === undefined || others.length > 0 ? [] : [{ before, after: match[1], keys: [oldKey, match[0]] }];
  });
}

function common({ application, cluster, ref, file }: Placed) {
  return { cluster, application: application?.name ?? '', object: ref, file, formerly: null };
}

function changeOf(before: Placed, after: Placed, sides: Sides): readonly ObjectChange[] {
  const fields = maskedChanges(before.manifest, after.manifest);
  const move = moveOf(before, after, sides.head);
  const isRefused = (sides.verdicts.get(after.manifest)?.refused ?? null) !== null;
  const differs = fields.length > 0 || isRefused;
  if (!differs && move === null) return [];
  const own = !differs ? null : ownChange(before, after, fields, sides);
  if (move === null) return own === null ? [] : [own];
  return [
    {
      ...common(after),
      effect: 'moved',
      weight: move.weight,
      formerly: before.application?.name ?? '',
      fields,
      consequences: [...move.sentences, ...(own?.consequences ?? [])],
    },
  ];
}

function ownChange(before: Placed, after: Placed, fields: readonly FieldChange[], sides: Sides): ObjectChange {
  const { manifest } = after;
  const shared = { ...common(after), fields };
  const verdict = sides.verdicts.get(manifest);
  // What the server has said counts, whatever the table holds.
  const refused = verdict?.refused === null ? [] : refusedChanges(before.manifest, fields);
  if (refused.length > 0 || verdict?.refused)
    return { ...shared, ...refusal(after, refused, verdict?.refused ?? null) };
  const [oldApp, newApp] = [applicationOf(sides.base, before), applicationOf(sides.head, after)];
  if (oldApp !== undefined && newApp !== undefined) {
    const { weight, sentences } = wordsForChanged(oldApp, newApp);
    return { ...shared, effect: 'changed', weight, consequences: sentences };
  }
  const rollout = rolloutOf(manifest, fields);
  const foreign = manifest.metadata.annotations?.[FOREIGN];
  const scale = scaling(fields);
  const read = contentReaders(after, fields, sides);
  const consequences = [
    ...patchWords(before.manifest, manifest, fields),
    ...scale.sentences,
    ...rollout.consequences,
    ...read,
  ];
  const retiring = foreign === 'retiring' && before.manifest.metadata.annotations?.[FOREIGN] !== 'retiring';
  const effect = retiring ? 'released' : foreign !== undefined ? 'patched' : rollout.rolls ? 'rolled' : 'changed';
  const weight =
    scale.toZero || lostProtection(before.manifest, manifest) ? 'danger' : rollout.rolls || retiring ? 'care' : 'plain';
  return {
    ...shared,
    effect,
    weight,
    consequences: [
      ...(lostProtection(before.manifest, manifest)
        ? ['It loses its protection: from then on it goes with its file, or with its Application.']
        : []),
      ...consequences,
    ],
  };
}

function refusal(
  { manifest, application }: Placed,
  refused: readonly FieldChange[],
  answer: string | null,
): Pick<ObjectChange, 'effect' | 'weight' | 'consequences'> {
  const what =
    refused.length === 0
      ? 'The API server refuses it in place'
      : `${listed(refused.map(({ path }) => path))} ${refused.length === 1 ? 'is' : 'are'} immutable`;
  if (application !== null && refused.length > 0 && isReconciled(manifest)) {
    return {
      effect: 'recreated',
      weight: 'danger',
      consequences: [`${what}: Argo CD deletes the binding and creates it anew. In between, nobody has its rights.`],
    };
  }
  const options = [...optionsOf(manifest), ...(application?.policy.options ?? [])];
  if (options.includes('Force=true') && options.includes('Replace=true')) {
    return {
      effect: 'recreated',
      weight: 'danger',
      consequences: [`${what}: Argo CD deletes the object and creates it anew (Force=true, Replace=true).`],
    };
  }
  const retries =
    application === null || !application.policy.automated
      ? ''
      : application.policy.retryLimit < 0
        ? ', again and again'
        : '';
  return {
    effect: 'refused',
    weight: 'danger',
    consequences: [
      answer === null
        ? `${what}: the API server refuses the change, and the object stays as it was.`
        : `The API server refuses it, and the object stays as it was: ${answer}`,
      ...(application === null
        ? []
        : [
            `The sync of ${application.name} fails${retries}, and its later waves wait. Another name, or deleting it by hand, is the way.`,
          ]),
    ],
  };
}

const applicationOf = ({ applications }: Tree, { manifest }: Placed) =>
  applications.find(({ source }) => source.manifest === manifest);

const lostProtection = (before: Manifest, after: Manifest): boolean =>
  ['Prune=false', 'Delete=false'].some(
    (option) => optionsOf(before).includes(option) && !optionsOf(after).includes(option),
  );

function scaling(fields: readonly FieldChange[]): { readonly toZero: boolean; readonly sentences: readonly string[] } {
  const change = fields.find(({ path }) => path === 'spec.replicas');
  if (change === undefined) return { toZero: false, sentences: [] };
  const [from, to] = [change.before ?? 'whatever it has', change.after ?? 'whatever it has'];
  const toZero = change.after === 0;
  return { toZero, sentences: [`Scales from ${from} to ${to}${toZero ? ': nothing of it runs any more' : ''}.`] };
}

/** On a patch: which fields come to us, and which go back to their owner. */
function patchWords(before: Manifest, after: Manifest, fields: readonly FieldChange[]): readonly string[] {
  const form = after.metadata.annotations?.[FOREIGN];
  if (form === undefined) return [];
  const given = fields.filter(({ path, after: now }) => now === undefined && !path.startsWith('metadata.annotations'));
  return [
    form === 'partial'
      ? 'Sets these fields of an object that somebody else owns; its other fields stay as they are.'
      : form === 'retiring'
        ? 'Takes the patch back: what we alone had set goes, or gets its default.'
        : 'Sets the whole of an object that somebody else created.',
    ...(form === 'partial' && given.length > 0
      ? [`Gives back ${listed(given.map(({ path }) => path))}: what nobody else sets goes, or gets its default.`]
      : []),
    ...(before.metadata.annotations?.[FOREIGN] === undefined ? ['Until now it was ours.'] : []),
  ];
}

/** Pods do not begin anew because a ConfigMap is another, unless their template says so too. */
function contentReaders(
  { manifest, ref, cluster }: Placed,
  fields: readonly FieldChange[],
  { staying, before }: Sides,
): readonly string[] {
  if (ref.kind !== 'ConfigMap' || !fields.some(({ path }) => /^(data|binaryData)\b/.test(path))) return [];
  const here = staying.filter((each) => each.cluster === cluster);
  // What comes with this change has never read the old one.
  const readers = workloadsReading(manifest.metadata.name, ref.namespace, here).filter(
    (reader) => before(reader) !== undefined,
  );
  const isReplaced = (reader: Placed): boolean => {
    const old = before(reader);
    return old === undefined || rolloutOf(reader.manifest, maskedChanges(old.manifest, reader.manifest)).rolls;
  };
  const isStarted = (reader: Placed): boolean => reader.ref.kind === 'CronJob';
  const started = readers.filter(isStarted).map((reader) => nameOf(reader.ref));
  const left = readers
    .filter((reader) => !isStarted(reader) && !isReplaced(reader))
    .map((reader) => nameOf(reader.ref));
  const replaced = readers
    .filter((reader) => !isStarted(reader) && isReplaced(reader))
    .map((reader) => nameOf(reader.ref));
  return [
    ...(replaced.length === 0 ? [] : [`Read by ${listed(replaced)}, whose pods this change replaces.`]),
    ...(started.length === 0 ? [] : [`Read by ${listed(started)}, from the next run on.`]),
    ...(left.length === 0
      ? []
      : [
          `Read by ${listed(left)}, whose pods stay: what is mounted follows within minutes, variables and subPath do not.`,
        ]),
  ];
}

function renamingOf(before: Placed, after: Placed, staying: readonly Placed[]): ObjectChange {
  return {
    ...common(after),
    effect: 'renamed',
    weight: 'danger',
    formerly: nameOf(before.ref),
    fields: maskedChanges(before.manifest, after.manifest),
    consequences: [
      `Two objects to Kubernetes: ${nameOf(before.ref)} is deleted, ${nameOf(after.ref)} is created, and nothing waits for the other.`,
      ...lossOf(before, staying),
    ],
  };
}

function removalOf(
  before: Placed,
  { effect, because }: ReturnType<typeof fateOf>,
  base: Tree,
  staying: readonly Placed[],
): ObjectChange {
  const application = applicationOf(base, before);
  const words = application === undefined ? undefined : wordsForRemoved(application);
  const foreign = before.manifest.metadata.annotations?.[FOREIGN];
  const there = staying.filter(({ cluster }) => cluster === before.cluster);
  const pruned = effect === 'pruned';
  const harmless =
    pruned && !isPrecious(before.manifest) && foreign === undefined && lossOf(before, there).length === 0;
  return {
    ...common(before),
    effect,
    weight: pruned ? (words?.weight ?? (harmless ? 'care' : 'danger')) : 'care',
    fields: [],
    consequences: [
      because,
      ...(pruned ? [...(words?.sentences ?? []), ...lossOf(before, there)] : []),
      ...(pruned && foreign !== undefined ? ["The whole object is deleted, its owner's part as well."] : []),
      ...(!pruned && foreign !== undefined && foreign !== 'retiring'
        ? ['The patch stays on it for ever. Take the fields back first: docs/layers/foreign-patches.md.']
        : []),
    ],
  };
}

function creationOf(after: Placed, head: Tree): ObjectChange {
  const application = applicationOf(head, after);
  const words = application === undefined ? undefined : wordsForCreated(application);
  const form = after.manifest.metadata.annotations?.[FOREIGN];
  const replicas = at(after.manifest.spec, 'replicas');
  return {
    ...common(after),
    effect: form === undefined ? 'created' : 'patched',
    weight: words?.weight ?? 'plain',
    fields: [],
    consequences: [
      ...(words?.sentences ?? []),
      ...(form === 'partial'
        ? ['Sets its fields on an object that somebody else owns, and waits until that is there.']
        : []),
      ...(form === 'whole' ? ['Takes over the whole of an object that somebody else created.'] : []),
      ...(typeof replicas === 'number' && form === undefined ? [`Starts ${counted(replicas, 'pod')}.`] : []),
      ...(after.application === null ? ['No Application here holds it: somebody has to apply it.'] : []),
      ...(after.application !== null && !after.application.policy.automated
        ? [`Created when somebody syncs ${after.application.name}.`]
        : []),
    ],
  };
}

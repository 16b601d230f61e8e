/** What becomes of an object that leaves Git, case by case: what `selfheal diff` and `selfheal vet` both say. */
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readTree } from '../../../src/argo/read-tree.js';
import type { Tree } from '../../../src/argo/tree.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { fateOf, fateOfApplication, isDeleted } from '../../../src/ops/change/fate.js';

type Fields = { readonly [key: string]: Json };

const options = (text: string): Fields => ({ annotations: { 'argocd.argoproj.io/sync-options': text } });
const FINALIZER: Fields = { finalizers: ['resources-finalizer.argocd.argoproj.io'] };

const of = (kind: string, name: string, metadata: Fields = {}, apiVersion = 'v1'): Manifest => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'work', ...metadata },
});

const GOES = of('ConfigMap', 'goes');
const STAYS = of('ConfigMap', 'stays');
const definition = (metadata: Fields = {}): Manifest =>
  of('CustomResourceDefinition', 'things.example.org', metadata, 'apiextensions.k8s.io/v1');
const MARKED = { labels: { 'app.kubernetes.io/instance': 'app' } };

interface App {
  readonly metadata?: Fields;
  readonly policy?: Fields;
  readonly source?: Fields;
  readonly spec?: Fields;
}

const PRUNES = { automated: { prune: true } };

const application = (
  name: string,
  path: string,
  { metadata = {}, policy = PRUNES, source = {}, spec = {} }: App,
): Manifest => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name, namespace: 'argocd', ...metadata },
  spec: { source: { repoURL: 'x', path, ...source }, syncPolicy: policy, ...spec },
});

const outer = (objects: readonly (readonly [string, Manifest])[]): Tree =>
  readTree(new Map(objects.map(([file, manifest]) => [file, stringify(manifest)] as const)), '');

interface World {
  /** In the folder of the Application `app`; null: there is no folder. */
  readonly objects?: readonly Manifest[] | null;
  /** Null: its file is gone. */
  readonly app?: App | null;
  /** What syncs the folder of `app`'s file, itself in that folder; null: nothing does. */
  readonly root?: App | null;
}

function tree({ objects = [STAYS], app = {}, root = {} }: World): Tree {
  const files: [string, Manifest][] = (objects ?? []).map((object, index) => [`work/${index}.yaml`, object]);
  if (app !== null) files.push(['apps/app.yaml', application('app', 'work', app)]);
  if (root !== null) files.push(['apps/root.yaml', application('root', 'apps', root)]);
  const written = files.map(([file, manifest]) => [file, stringify(manifest)] as const);
  return readTree(
    new Map([...written, ...(objects === null ? [] : [['work/README.yaml', '# a folder'] as const])]),
    '',
  );
}

/** Of the first object of `before`. */
function fate(before: World, after: World) {
  const [base, head] = [tree(before), tree(after)];
  const held = base.applications.find(({ name }) => name === 'app');
  const [object] = held?.objects ?? [];
  if (held === undefined || object === undefined) throw new Error('expected app to have an object, got none');
  return fateOf({ application: held, manifest: object.manifest }, base, head);
}

const both = (app: App): readonly [World, World] => [{ objects: [GOES, STAYS], app }, { app }];

describe('of an Application that stays', () => {
  test.each<[string, readonly [World, World], string]>([
    ['is pruned where it prunes', both({}), 'pruned'],
    ['stays where it does not prune', both({ policy: { automated: {} } }), 'orphaned'],
    ['waits for a sync by hand where it does not sync by itself', both({ policy: {} }), 'pruned-by-hand'],
    [
      'waits for it where automation is there and off',
      both({ policy: { automated: { prune: true, enabled: false } } }),
      'pruned-by-hand',
    ],
    ['stays where all of its objects do', both({ policy: { ...PRUNES, syncOptions: ['Prune=false'] } }), 'orphaned'],
    ['stays with Prune=false', [{ objects: [of('ConfigMap', 'goes', options('Prune=false')), STAYS] }, {}], 'orphaned'],
    [
      'stays with Prune=false also where nobody syncs by himself',
      [
        { objects: [of('ConfigMap', 'goes', options('Prune=false')), STAYS], app: { policy: {} } },
        { app: { policy: {} } },
      ],
      'orphaned',
    ],
    [
      'is pruned with Delete=false, which is for its Application',
      [{ objects: [of('ConfigMap', 'goes', options('Delete=false')), STAYS] }, {}],
      'pruned',
    ],
    [
      'waits for a yes with Prune=confirm',
      [{ objects: [of('ConfigMap', 'goes', options('Prune=confirm')), STAYS] }, {}],
      'pruned-by-hand',
    ],
    [
      'is pruned with Prune=confirm in the Application, which only a newer Argo CD reads there',
      both({ policy: { ...PRUNES, syncOptions: ['Prune=confirm'] } }),
      'pruned',
    ],
    ['stays as the last of all', [{ objects: [GOES] }, { objects: [] }], 'orphaned'],
    [
      'is pruned as the last of all with allowEmpty',
      [
        { objects: [GOES], app: { policy: { automated: { prune: true, allowEmpty: true } } } },
        { objects: [], app: { policy: { automated: { prune: true, allowEmpty: true } } } },
      ],
      'pruned',
    ],
    [
      'stays as the last of all whose folder goes too, allowEmpty or not',
      [{ objects: [GOES] }, { objects: null, app: { policy: { automated: { prune: true, allowEmpty: true } } } }],
      'frozen',
    ],
    [
      'stays where a chart takes the place of its folder',
      [{ objects: [GOES, STAYS] }, { app: { source: { chart: 'c' } } }],
      'frozen',
    ],
    [
      'is pruned where a chart comes beside its folder',
      [
        { objects: [GOES, STAYS] },
        {
          app: {
            spec: {
              sources: [
                { repoURL: 'x', path: 'work' },
                { repoURL: 'x', chart: 'c' },
              ],
            },
          },
        },
      ],
      'pruned',
    ],
    [
      'is pruned where the Application reads another folder',
      [{ objects: [GOES, STAYS] }, { app: { source: { path: 'apps' } } }],
      'pruned',
    ],
  ])('%s', (_, [before, after], outcome) => {
    expect(fate(before, after).outcome).toBe(outcome);
  });

  test.each<[string, App, App]>([
    ['prune goes on', { policy: { automated: {} } }, {}],
    ['prune goes off', {}, { policy: { automated: {} } }],
    ['automation goes off', {}, { policy: {} }],
    ['Prune=false comes', {}, { policy: { ...PRUNES, syncOptions: ['Prune=false'] } }],
    ['Prune=false goes', { policy: { ...PRUNES, syncOptions: ['Prune=false'] } }, {}],
  ])('is pruned in the commit with which %s: nobody knows what is synced first', (_, before, after) => {
    expect(fate({ objects: [GOES, STAYS], app: before }, { app: after }).outcome).toBe('pruned');
  });

  test('says that the sync waits with what waits for a yes', () => {
    const confirmed = { objects: [of('ConfigMap', 'goes', options('Prune=confirm')), STAYS] };

    expect(fate(confirmed, {}).because).toBe(
      'It stays until somebody confirms it: Prune=confirm. The whole sync of the Application waits for that.',
    );
  });

  test('says that the change of the Application may save it, only where it may', () => {
    const off = fate({ objects: [GOES, STAYS] }, { app: { policy: {} } });
    const on = fate({ objects: [GOES, STAYS], app: { policy: {} } }, {});

    expect(off.because).toBe('Argo CD deletes it, unless the change of app itself is synced first.');
    expect(on.because).toBe('Argo CD deletes it.');
  });
});

describe('a CustomResourceDefinition', () => {
  test.each<[string, World, World, string]>([
    ['stays: Argo CD marks none', { objects: [definition(), STAYS] }, {}, 'orphaned'],
    ['is pruned where its file has the mark', { objects: [definition(MARKED), STAYS] }, {}, 'pruned'],
    [
      'stays with the mark of another',
      { objects: [definition({ labels: { 'app.kubernetes.io/instance': 'other' } }), STAYS] },
      {},
      'orphaned',
    ],
    [
      'stays with the mark of one whose name begins alike',
      {
        objects: [
          definition({ annotations: { 'argocd.argoproj.io/tracking-id': 'app-two:apiextensions.k8s.io/x:/x' } }),
          STAYS,
        ],
      },
      {},
      'orphaned',
    ],
    [
      'of another group is as any object',
      { objects: [of('CustomResourceDefinition', 'x', {}, 'example.org/v1'), STAYS] },
      {},
      'pruned',
    ],
    [
      'stays where its Application is deleted, marked or not',
      { objects: [definition(MARKED)], app: { metadata: FINALIZER } },
      { objects: null, app: null },
      'orphaned',
    ],
  ])('%s', (_, before, after, outcome) => {
    expect(fate(before, after).outcome).toBe(outcome);
  });
});

describe('of an Application that leaves Git too', () => {
  const gone: World = { objects: null, app: null };
  const deletes: World = { objects: [GOES], app: { metadata: FINALIZER } };

  test.each<[string, World, World, string]>([
    ['stays without a finalizer', { objects: [GOES] }, gone, 'orphaned'],
    ['goes along with a finalizer', deletes, gone, 'cascaded'],
    [
      'goes along in the background',
      { objects: [GOES], app: { metadata: { finalizers: ['resources-finalizer.argocd.argoproj.io/background'] } } },
      gone,
      'cascaded',
    ],
    [
      'stays with Delete=false',
      { ...deletes, objects: [of('ConfigMap', 'goes', options('Delete=false'))] },
      gone,
      'orphaned',
    ],
    [
      'waits for a yes with Delete=confirm',
      { ...deletes, objects: [of('ConfigMap', 'goes', options('Delete=confirm'))] },
      gone,
      'cascaded-by-hand',
    ],
    [
      'waits for a person with Delete=confirm where its root syncs by hand',
      { ...deletes, objects: [of('ConfigMap', 'goes', options('Delete=confirm'))], root: { policy: {} } },
      { ...gone, root: { policy: {} } },
      'cascaded-by-hand',
    ],
    [
      'goes along with Prune=false, which is for its file',
      { ...deletes, objects: [of('ConfigMap', 'goes', options('Prune=false'))] },
      gone,
      'cascaded',
    ],
    [
      'stays where the Application is protected',
      { ...deletes, app: { metadata: { ...FINALIZER, ...options('Prune=false') } } },
      gone,
      'frozen',
    ],
    [
      'stays where its root prunes nothing',
      { ...deletes, root: { policy: { automated: {} } } },
      { ...gone, root: { policy: { automated: {} } } },
      'frozen',
    ],
    [
      'waits for a person where its root syncs by hand',
      { ...deletes, root: { policy: {} } },
      { ...gone, root: { policy: {} } },
      'cascaded-by-hand',
    ],
    [
      'waits for a person where nothing syncs the Application',
      { ...deletes, root: null },
      { ...gone, root: null },
      'cascaded-by-hand',
    ],
    [
      'stays where nothing syncs the Application, which has no finalizer',
      { objects: [GOES], root: null },
      { ...gone, root: null },
      'frozen',
    ],
    ['goes along also when its file stays', deletes, { objects: [GOES], app: null }, 'cascaded'],
    ['stays with its file, without a finalizer', { objects: [GOES] }, { objects: [GOES], app: null }, 'orphaned'],
    [
      'is pruned where other files stay: the Application may still sync',
      { objects: [GOES, STAYS] },
      { app: null },
      'pruned',
    ],
    [
      'stays where the Application did not prune either',
      { objects: [GOES, STAYS], app: { policy: { automated: {} } } },
      { app: null },
      'orphaned',
    ],
  ])('%s', (_, before, after, outcome) => {
    expect(fate(before, after).outcome).toBe(outcome);
  });

  test('goes along with a root that is deleted itself', () => {
    const base = outer([
      ['top/middle.yaml', application('middle', 'apps', { metadata: FINALIZER })],
      ['top/top.yaml', application('top', 'top', {})],
      ['apps/app.yaml', application('app', 'work', { metadata: FINALIZER })],
      ['work/goes.yaml', GOES],
    ]);
    const head = outer([['top/top.yaml', application('top', 'top', {})]]);
    const app = base.applications.find(({ name }) => name === 'app') ?? null;

    expect(fateOf({ application: app, manifest: GOES }, base, head).outcome).toBe('cascaded');
  });
});

describe('two Applications that hold each other, both gone from Git', () => {
  const held = (...left: readonly string[]): Tree =>
    outer([
      ['first/second.yaml', application('second', 'second', { metadata: FINALIZER })],
      ['second/first.yaml', application('first', 'first', { metadata: FINALIZER })],
      ...left.map((folder) => [`${folder}/stays.yaml`, STAYS] as const),
    ]);
  const fates = (...left: readonly string[]): readonly string[] => {
    const base = held(...left);
    const head = outer(left.map((folder) => [`${folder}/stays.yaml`, STAYS] as const));
    return base.applications.map((each) => `${each.name} ${fateOfApplication(each, base, head).outcome}`).sort();
  };

  test('prune each other where each still has something', () => {
    expect(fates('first', 'second')).toEqual(['first pruned', 'second pruned']);
  });

  test('stay where their folders are gone as well', () => {
    expect(fates()).toEqual(['first frozen', 'second frozen']);
  });
});

describe('an Application whose file is in its own folder', () => {
  const fateOfRoot = (before: World, after: World): string => {
    const base = tree(before);
    const root = base.applications.find(({ name }) => name === 'root');
    if (root === undefined) throw new Error('expected a root, got none');
    return fateOfApplication(root, base, tree(after)).outcome;
  };

  test.each<[string, World, World, string]>([
    ['prunes itself when that file goes and others stay', {}, { root: null }, 'pruned'],
    ['stays when all of the folder goes', {}, { app: null, root: null, objects: null }, 'frozen'],
    ['stays with Prune=false', { root: { metadata: options('Prune=false') } }, { root: null }, 'orphaned'],
    ['waits for a sync by hand', { root: { policy: {} } }, { root: null }, 'pruned-by-hand'],
  ])('%s', (_, before, after, outcome) => {
    expect(fateOfRoot(before, after)).toBe(outcome);
  });

  test('takes the Applications along that are still in its folder, with a finalizer', () => {
    const base = tree({ root: { metadata: FINALIZER } });
    const head = tree({ root: null });
    const root = base.applications.find(({ name }) => name === 'root') ?? null;
    const manifest = application('app', 'work', {});

    expect(fateOf({ application: root, manifest }, base, head).outcome).toBe('cascaded');
  });
});

test('what no Application holds stays, and its like waits for a person', () => {
  const base = tree({ root: null });
  const [app] = base.applications;
  if (app === undefined) throw new Error('expected an Application, got none');

  expect(fateOf({ application: null, manifest: GOES }, base, tree({})).outcome).toBe('orphaned');
  expect(fateOfApplication(app, base, tree({ app: null, root: null, objects: null })).outcome).toBe('pruned-by-hand');
});

test('only what nobody has to ask for is called deleted', () => {
  const outcomes = ['pruned', 'pruned-by-hand', 'cascaded', 'cascaded-by-hand', 'orphaned', 'frozen'] as const;

  expect(outcomes.filter((outcome) => isDeleted({ outcome, because: '' }))).toEqual(['pruned', 'cascaded']);
});

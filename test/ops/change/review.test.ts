/** Which objects belong together, and what is said of those that others depend on. */
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readTree } from '../../../src/argo/read-tree.js';
import type { Tree } from '../../../src/argo/tree.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import type { ObjectChange } from '../../../src/ops/change/object-change.js';
import { review } from '../../../src/ops/change/review.js';

type Fields = { readonly [key: string]: Json };

const FINALIZER = { finalizers: ['resources-finalizer.argocd.argoproj.io'] };
const PRUNES = { automated: { prune: true } };
const KEEPS = { automated: {} };
const REFUSES = { syncOptions: ['FailOnSharedResource=true'] };

const of = (kind: string, name: string, content: Fields = {}, annotations: Fields = {}): Manifest =>
  ({ apiVersion: 'v1', kind, metadata: { name, namespace: 'work', annotations }, ...content }) as Manifest;

const config = (name: string, value = 'same'): Manifest => of('ConfigMap', name, { data: { value } });

const application = (path: string, policy: Fields = PRUNES, metadata: Fields = {}): Manifest => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: path.split('/').at(-1) ?? '', namespace: 'argocd', ...metadata },
  spec: { source: { repoURL: 'x', path }, syncPolicy: policy },
});

/** Applications stand in the folder `apps`, which `apps` syncs. */
type Files = Readonly<Record<string, Manifest>>;

const tree = (files: Files): Tree =>
  readTree(
    new Map(
      Object.entries({ 'apps/apps': application('apps'), ...files }).map(
        ([file, manifest]) => [`${file}.yaml`, stringify(manifest)] as const,
      ),
    ),
    '',
  );

const changes = (before: Files, after: Files): readonly ObjectChange[] => review(tree(before), tree(after));

const changeOf = (name: string, before: Files, after: Files): ObjectChange | undefined =>
  changes(before, after).find(({ object }) => object.name === name);

const one = { 'apps/one': application('one'), 'one/stays': config('one-stays') };
const two = { 'apps/two': application('two'), 'two/stays': config('two-stays') };

describe('an object whose file no Application reads any more', () => {
  test('is pruned where its Application reads another folder', () => {
    const other = { ...application('one'), spec: { source: { repoURL: 'x', path: 'other' }, syncPolicy: PRUNES } };

    expect(
      changeOf(
        'x',
        { ...one, 'one/x': config('x') },
        { ...one, 'one/x': config('x'), 'apps/one': other, 'other/z': config('z') },
      ),
    ).toMatchObject({ effect: 'pruned', application: 'one' });
  });

  test('goes with its Application, which has a finalizer', () => {
    const before = { 'apps/one': application('one', PRUNES, FINALIZER), 'one/x': config('x') };

    expect(changes(before, { 'one/x': config('x') }).map(({ effect, object }) => `${effect} ${object.name}`)).toEqual([
      'pruned one',
      'pruned x',
    ]);
  });

  test('stays where its Application goes without one, and is not said to be created', () => {
    expect(
      changes({ 'apps/one': application('one'), 'one/x': config('x') }, { 'one/x': config('x') }).map(
        ({ effect, object }) => `${effect} ${object.name}`,
      ),
    ).toEqual(['pruned one', 'orphaned x']);
  });
});

describe('an object that goes to another Application', () => {
  const moved = (from: Fields, to: Fields, { metadata = {}, stays = true } = {}): ObjectChange | undefined => {
    const first = {
      'apps/one': application('one', from, metadata),
      ...(stays && { 'one/stays': config('one-stays') }),
    };
    const second = { ...two, 'apps/two': application('two', to) };
    return changeOf('x', { ...first, ...second, 'one/x': config('x') }, { ...first, ...second, 'two/x': config('x') });
  };

  test.each<[string, ObjectChange | undefined, string, RegExp]>([
    [
      'is deleted and made anew, where one prunes and the other refuses',
      moved(PRUNES, REFUSES),
      'danger',
      /^one deletes it, because two does not take it .* then two creates it anew\.$/,
    ],
    [
      'may be deleted, where one prunes and the other takes it',
      moved(PRUNES, {}),
      'danger',
      /^If one syncs first, it deletes it, .* if two syncs first, it stays\.$/,
    ],
    [
      'cannot move, where neither prunes nor takes it',
      moved(KEEPS, REFUSES),
      'danger',
      /^It stays one's, which does not prune it, and each sync of two fails/,
    ],
    [
      'is taken over, where one does not prune and the other takes it',
      moved(KEEPS, {}),
      'care',
      /^two takes it over from one; the object itself stays\.$/,
    ],
    ['is taken over, where one only syncs by hand', moved({}, {}), 'care', /takes it over/],
    // An automated sync does not prune the last object, so it keeps its mark.
    ['cannot move as the last one', moved(PRUNES, REFUSES, { stays: false }), 'danger', /^It stays one's/],
  ])('%s', (_, change, weight, sentence) => {
    expect(change).toMatchObject({ effect: 'moved', weight, application: 'two', formerly: 'one' });
    expect(change?.consequences[0]).toMatch(sentence);
  });

  test('goes with the old one where that leaves Git with a finalizer', () => {
    const old = { 'apps/one': application('one', PRUNES, FINALIZER), 'one/x': config('x') };
    const [refused, taken] = [REFUSES, {}].map((to) => {
      const second = { ...two, 'apps/two': application('two', to) };
      return changeOf('x', { ...old, ...second }, { ...second, 'two/x': config('x') })?.consequences;
    });

    expect(refused?.[0]).toMatch(/^one goes and deletes it \(finalizer\), because two does not take it/);
    expect(taken?.[0]).toMatch(/^If one is deleted first, its finalizer deletes this too, and two creates it anew/);
    expect(taken?.[1]).toContain('first commit Delete=false');
  });

  test('is taken over as a CustomResourceDefinition: Argo CD marks none', () => {
    const definition = { ...of('CustomResourceDefinition', 'things'), apiVersion: 'apiextensions.k8s.io/v1' };
    const second = { ...two, 'apps/two': application('two', REFUSES) };

    expect(
      changeOf('things', { ...one, ...second, 'one/x': definition }, { ...one, ...second, 'two/x': definition }),
    ).toMatchObject({ weight: 'care', consequences: [expect.stringContaining('takes it over')] });
  });

  test('begins to be synced where no Application held it', () => {
    expect(changeOf('x', { ...one, 'loose/x': config('x') }, { ...one, 'one/x': config('x') })).toMatchObject({
      effect: 'moved',
      weight: 'care',
      formerly: '',
    });
  });

  test('is not matched where two of the name come', () => {
    const both = { ...one, 'loose/x': config('x'), 'other/x': config('x') };

    expect(
      changes(both, { ...one, 'one/x': config('x'), 'third/x': config('x') }).map(({ effect }) => effect),
    ).not.toContain('moved');
  });
});

describe('a ConfigMap that changes', () => {
  const pod = (hash: string): Json => ({
    metadata: { annotations: { hash } },
    spec: {
      containers: [{ name: 'a', image: 'a:1' }],
      volumes: [{ name: 'v', configMap: { name: 'read' } }],
    },
  });
  const reader = (kind: string, hash = '1'): Manifest => ({
    ...of(kind, `${kind.toLowerCase()}-reader`, {
      spec: kind === 'CronJob' ? { jobTemplate: { spec: { template: pod(hash) } } } : { template: pod(hash) },
    }),
    apiVersion: 'apps/v1',
  });
  const read = (before: Files, after: Files) =>
    changeOf(
      'read',
      { ...one, 'one/read': config('read', '1'), ...before },
      { ...one, 'one/read': config('read', '2'), ...after },
    )?.consequences;

  test('names the pods that stay as they are', () => {
    const deployment = { 'one/d': reader('Deployment') };

    expect(read(deployment, deployment)).toEqual([
      'Read by Deployment work/deployment-reader, whose pods stay: what is mounted follows within minutes, variables and subPath do not.',
    ]);
  });

  test('names the pods that are replaced with it', () => {
    expect(read({ 'one/d': reader('DaemonSet') }, { 'one/d': reader('DaemonSet', '2') })).toEqual([
      'Read by DaemonSet work/daemonset-reader, whose pods this change replaces.',
    ]);
  });

  test('names the runs that read it next', () => {
    expect(read({ 'one/c': reader('CronJob') }, { 'one/c': reader('CronJob') })).toEqual([
      'Read by CronJob work/cronjob-reader, from the next run on.',
    ]);
  });

  test('names nobody who comes with the change, or reads one of that name elsewhere', () => {
    const elsewhere = { ...reader('Deployment'), metadata: { name: 'elsewhere', namespace: 'other' } };

    expect(read({}, { 'one/d': reader('Deployment') })).toEqual([]);
    expect(read({ 'one/e': elsewhere }, { 'one/e': elsewhere })).toEqual([]);
  });

  test('names nobody where only its labels change', () => {
    const labelled = { ...config('read', '1'), metadata: { name: 'read', namespace: 'work', labels: { a: 'b' } } };
    const deployment = { 'one/d': reader('Deployment') };

    expect(read(deployment, { ...deployment, 'one/read': labelled })).toEqual([]);
  });

  test('is missed by who still names it, when it is pruned', () => {
    const deployment = { ...one, 'one/d': reader('Deployment') };

    expect(changeOf('read', { ...deployment, 'one/read': config('read') }, deployment)).toMatchObject({
      weight: 'danger',
      consequences: [
        'Argo CD deletes it.',
        'Deployment work/deployment-reader still names it: a new pod will not start without it.',
      ],
    });
  });

  test('is missed by nobody of another cluster', () => {
    const there = {
      'b/apps/two': application('b/two'),
      'b/two/d': reader('Deployment'),
    };

    expect(changeOf('read', { ...one, ...there, 'one/read': config('read') }, { ...one, ...there })).toMatchObject({
      weight: 'care',
      consequences: ['Argo CD deletes it.'],
    });
  });
});

describe('a patch of somebody else’s object', () => {
  const patch = (form: string, content: Fields = { spec: { a: 1, b: 2 } }, options = 'Prune=false'): Manifest =>
    of('Thing', 'theirs', content, { 'selfheal.dev/foreign': form, 'argocd.argoproj.io/sync-options': options });
  const theirs = (before: Manifest | null, after: Manifest | null) =>
    changeOf('theirs', { ...one, ...(before && { 'one/p': before }) }, { ...one, ...(after && { 'one/p': after }) });

  test.each<[string, Manifest | null, Manifest | null, object]>([
    [
      'waits for the object',
      null,
      patch('partial'),
      { effect: 'patched', weight: 'plain', consequences: [expect.stringMatching(/waits until that is there/)] },
    ],
    [
      'takes the whole over',
      null,
      patch('whole'),
      { effect: 'patched', consequences: [expect.stringMatching(/^Takes over the whole/)] },
    ],
    [
      'says which fields go back',
      patch('partial'),
      patch('partial', { spec: { a: 1 } }),
      {
        effect: 'patched',
        weight: 'plain',
        consequences: [
          expect.stringMatching(/^Sets these fields/),
          'Gives back spec.b: what nobody else sets goes, or gets its default.',
        ],
      },
    ],
    [
      'is taken back',
      patch('partial'),
      patch('retiring', {}),
      {
        effect: 'released',
        weight: 'care',
        consequences: ['Takes the patch back: what we alone had set goes, or gets its default.'],
      },
    ],
    [
      'was ours until now',
      of('Thing', 'theirs', { spec: { a: 2 } }),
      patch('partial'),
      { effect: 'patched', consequences: [expect.stringMatching(/^Sets these/), 'Until now it was ours.'] },
    ],
    [
      'stays on it where its file goes',
      patch('partial'),
      null,
      {
        effect: 'orphaned',
        weight: 'care',
        consequences: [
          expect.stringMatching(/^It stays: Prune=false/),
          expect.stringMatching(/^The patch stays on it for ever/),
        ],
      },
    ],
    [
      'leaves nothing once it was taken back',
      patch('retiring', {}),
      null,
      { effect: 'orphaned', consequences: [expect.stringMatching(/^It stays: Prune=false/)] },
    ],
    [
      'takes all of it along without a protection',
      patch('partial', {}, 'Validate=false'),
      null,
      {
        effect: 'pruned',
        weight: 'danger',
        consequences: ['Argo CD deletes it.', "The whole object is deleted, its owner's part as well."],
      },
    ],
  ])('%s', (_, before, after, expected) => {
    expect(theirs(before, after)).toMatchObject(expected);
  });
});

describe('what comes', () => {
  test('waits for a person where its Application does', () => {
    const byHand = { ...one, 'apps/one': application('one', {}) };

    expect(
      changeOf('x', byHand, { ...byHand, 'one/x': of('Deployment', 'x', { spec: { replicas: 2 } }) }),
    ).toMatchObject({
      effect: 'created',
      weight: 'plain',
      consequences: ['Starts 2 pods.', 'Created when somebody syncs one.'],
    });
  });

  test('has to be applied where no Application holds it', () => {
    expect(changeOf('x', one, { ...one, 'loose/x': config('x') })?.consequences).toEqual([
      'No Application here holds it: somebody has to apply it.',
    ]);
  });
});

describe('an Application that no other holds', () => {
  const loose = (policy: Fields, metadata: Fields = {}): Files => ({
    'top/loose': {
      ...application('one', policy, metadata),
      metadata: { name: 'loose', namespace: 'argocd', ...metadata },
    },
    'one/x': config('x'),
  });

  test.each<[string, Files, Files, object]>([
    [
      'has to be applied when it changes',
      loose(KEEPS),
      loose(PRUNES),
      {
        effect: 'changed',
        weight: 'danger',
        application: '',
        consequences: [
          expect.stringMatching(/^From now on it deletes what leaves Git/),
          'No Application here holds it: somebody has to apply it.',
        ],
      },
    ],
    [
      'has to be applied when it comes',
      {},
      loose(KEEPS),
      {
        effect: 'created',
        consequences: ['loose begins to sync 1 object, by itself.', expect.stringMatching(/somebody has to apply it/)],
      },
    ],
    [
      'has to be deleted when it goes',
      loose(KEEPS, FINALIZER),
      {},
      { effect: 'orphaned', consequences: [expect.stringMatching(/whoever applied it has to delete it/)] },
    ],
  ])('%s', (_, before, after, expected) => {
    expect(changeOf('loose', before, after)).toMatchObject(expected);
  });
});

describe('what the API server says', () => {
  const asked = (object: Manifest, now: Manifest, refused: string | null): ObjectChange | undefined => {
    const head = tree({ ...one, 'one/x': now });
    const manifest = head.applications
      .flatMap(({ objects }) => objects)
      .find(({ file }) => file === 'one/x.yaml')?.manifest;
    if (manifest === undefined) throw new Error('expected x in head, got none');
    return review(tree({ ...one, 'one/x': object }), head, new Map([[manifest, { refused }]]))[0];
  };
  const frozen = (value: string, options = ''): Manifest =>
    of('ConfigMap', 'x', { immutable: true, data: { value } }, { 'argocd.argoproj.io/sync-options': options });

  test('counts more than the table of immutable fields', () => {
    expect(asked(frozen('1'), frozen('2'), null)).toMatchObject({ effect: 'changed' });
  });

  test('is shown where no field is known to be immutable, on a binding too', () => {
    const binding = (name: string): Manifest => ({
      ...of('RoleBinding', 'x', { subjects: [{ kind: 'User', name }] }),
      apiVersion: 'rbac.authorization.k8s.io/v1',
    });

    expect(asked(binding('a'), binding('b'), 'not on a Sunday')).toMatchObject({
      effect: 'refused',
      consequences: ['The API server refuses it, and the object stays as it was: not on a Sunday', expect.anything()],
    });
  });

  test('stands with Force=true alone: only with Replace=true the object is made anew', () => {
    expect(asked(frozen('1', 'Force=true'), frozen('2', 'Force=true'), 'no')).toMatchObject({ effect: 'refused' });
    expect(asked(frozen('1'), frozen('2', 'Force=true,Replace=true'), 'no')).toMatchObject({ effect: 'recreated' });
  });
});

test('the values of a Secret that is pruned may be nowhere else', () => {
  expect(changeOf('x', { ...one, 'one/x': of('Secret', 'x') }, one)).toMatchObject({
    weight: 'danger',
    consequences: ['Argo CD deletes it.', 'Its values are deleted with it: the cluster alone may have them.'],
  });
});

test('dangers stand first, then by Application, then by what happens', () => {
  const before = { ...one, ...two, 'two/a': of('Service', 'a'), 'one/b': config('b'), 'one/c': config('c', '1') };
  const after = { ...one, ...two, 'one/c': config('c', '2'), 'one/d': config('d') };

  expect(changes(before, after).map(({ weight, effect, object }) => `${weight} ${effect} ${object.name}`)).toEqual([
    'danger pruned a',
    'care pruned b',
    'plain changed c',
    'plain created d',
  ]);
});

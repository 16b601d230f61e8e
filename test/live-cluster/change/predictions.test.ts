/** What `selfheal diff` says beforehand, and what a real Argo CD does then. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTree } from '../../../src/argo/read-tree.js';
import type { LiveObject } from '../../../src/manifest/live-object.js';
import type { ObjectChange } from '../../../src/ops/change/object-change.js';
import { review } from '../../../src/ops/change/review.js';
import { type Bench, startBench } from '../bench/bench.js';
import { applicationOf, applicationsOf, untilSynced } from '../support/applications.js';
import { namespace } from '../world/create.js';
import { AFTER, application, BEFORE, NAMESPACE, type Placed, repositoryFiles } from './change-world.js';

const NODES = ['one', 'two'];

let bench: Bench;
let said: ReadonlyMap<string, ObjectChange>;
let before: ReadonlyMap<string, LiveObject>;
let revision: string;

beforeAll(async () => {
  bench = await startBench({ nodes: NODES.map((name) => ({ name })), argo: true });
  bench.apply([namespace(NAMESPACE)], { manager: 'test' });
  const [old, now] = [
    repositoryFiles(BEFORE, bench.repository.url, false),
    repositoryFiles(AFTER, bench.repository.url, true),
  ];
  said = new Map(
    review(readTree(old, ''), readTree(now, '')).map((change) => [
      `${change.object.kind} ${change.object.name}`,
      change,
    ]),
  );
  const first = bench.repository.commit(old, 'before');
  bench.apply([application('root', bench.repository.url)], { manager: 'test', serverSide: true });
  await bench.until('all Applications are there', () => applicationsOf(bench).length === 17 || undefined);
  await untilSynced(
    bench,
    applicationsOf(bench).map(({ name }) => name),
    first,
  );
  await bench.until(
    'all pods run',
    () => (pods().length === 13 && pods().every(({ phase }) => phase === 'Running')) || undefined,
  );
  before = snapshot(BEFORE);
  revision = bench.repository.commit(now, 'after');
  bench.refresh('root');
  await bench.until('the root has synced', () => applicationOf(bench, 'root').revision === revision || undefined);
  await settled();
}, 240_000);
afterAll(() => bench?.close());

interface Pod {
  readonly name: string;
  readonly uid: string;
  readonly phase: string;
  readonly app: string;
}

function pods(): readonly Pod[] {
  const list = JSON.parse(bench.kubectl(['get', 'pods', `--namespace=${NAMESPACE}`, '--output=json'])) as {
    readonly items: readonly (LiveObject & { readonly status: { readonly phase: string } })[];
  };
  return list.items.map(({ metadata, status }) => ({
    name: metadata.name,
    uid: metadata.uid,
    phase: metadata.deletionTimestamp === undefined ? status.phase : 'ending',
    app: metadata.labels?.app ?? '',
  }));
}

interface SyncedResource {
  readonly kind: string;
  readonly name: string;
  readonly status: string;
}

const keyOf = (kind: string, name: string): string => `${kind} ${name}`;

function live(kind: string, name: string): LiveObject | undefined {
  return bench.get(kind, name, kind === 'StorageClass' ? undefined : NAMESPACE);
}

function snapshot(objects: readonly Placed[]): ReadonlyMap<string, LiveObject> {
  return new Map(
    objects.flatMap(([, { kind, metadata }]) => {
      const found = live(kind, metadata.name);
      return found === undefined ? [] : [[keyOf(kind, metadata.name), found] as const];
    }),
  );
}

/** Every Application has compared itself with the commit and is not in the middle of anything that could still end well. */
async function settled(): Promise<void> {
  await untilSynced(
    bench,
    ['rolling', 'forcing', 'binding', 'renaming', 'from-pruning', 'to-after-pruning', 'to-taking'],
    revision,
  );
  await bench.until(
    'refusing has failed',
    () => /tried|retr|Failed/i.test(applicationOf(bench, 'refusing').message) || undefined,
  );
  await bench.until(
    'to-refusing has failed',
    () =>
      /shared/i.test(
        [applicationOf(bench, 'to-refusing').message, ...applicationOf(bench, 'to-refusing').conditions].join(),
      ) || undefined,
  );
  await bench.until('the cascade is over', () => {
    const names = applicationsOf(bench).map(({ name }) => name);
    return (live('ConfigMap', 'goes-with-it') === undefined && !names.includes('cascading')) || undefined;
  });
  await bench.until(
    'the Application without a finalizer is gone',
    () => !applicationsOf(bench).some(({ name }) => name === 'removed') || undefined,
  );
  await bench.until('the prune is over', () => live('ConfigMap', 'leaves-git') === undefined || undefined);
}

const effectOf = (kind: string, name: string): string | undefined => said.get(keyOf(kind, name))?.effect;
const uidOf = (kind: string, name: string): string | undefined => live(kind, name)?.metadata.uid;
const formerUid = (kind: string, name: string): string | undefined => before.get(keyOf(kind, name))?.metadata.uid;

test('the review found something of each sort', () => {
  expect([...new Set([...said.values()].map(({ effect }) => effect))].sort()).toEqual(
    ['changed', 'created', 'frozen', 'moved', 'orphaned', 'pruned', 'recreated', 'refused', 'renamed', 'rolled'].sort(),
  );
});

describe('pods that are said to be replaced', () => {
  test.each([
    ['Deployment', 'web', 'Replaces 4 pods, at most 1 missing at a time, 1 more than usual meanwhile.'],
    ['Deployment', 'small', 'Replaces 1 pod: ends all of them first, and starts the new ones only then.'],
    ['DaemonSet', 'agent', 'Replaces its pods on every node that it runs on, 1 at a time.'],
    [
      'StatefulSet',
      'db',
      'Replaces 2 pods, one after the other, from number 1 down to 0; a pod that does not get ready stops it.',
    ],
  ])('%s %s: are, and the object is the same', async (kind, name, sentence) => {
    const current = () => pods().filter(({ app }) => app === name);

    expect(said.get(keyOf(kind, name))).toMatchObject({ effect: 'rolled', consequences: [sentence] });
    await bench.until(`new pods of ${name}`, () => {
      const text = bench.kubectl([
        'get',
        'pods',
        `--namespace=${NAMESPACE}`,
        `--selector=app=${name}`,
        '--output=json',
      ]);
      return (!text.includes('"value": "before"') && current().every(({ phase }) => phase === 'Running')) || undefined;
    });
    expect(uidOf(kind, name)).toBe(formerUid(kind, name));
  });

  test('Deployment web: the first step is the one that was counted', () => {
    const events = bench.kubectl([
      'get',
      'events',
      `--namespace=${NAMESPACE}`,
      '--field-selector=involvedObject.name=web',
      '--output=jsonpath={range .items[*]}{.message}{"\\n"}{end}',
    ]);

    expect(events).toMatch(/Scaled down replica set web-\w+ from 4 to 3/);
    expect(events).toMatch(/Scaled up replica set web-\w+ from 0 to 1/);
  });
});

test('what is said to be changed in place is the same object with another value', () => {
  expect(said.get('ConfigMap in-place')).toMatchObject({ effect: 'changed', weight: 'plain' });
  expect(live('ConfigMap', 'in-place')?.data).toEqual({ value: 'after' });
  expect(uidOf('ConfigMap', 'in-place')).toBe(formerUid('ConfigMap', 'in-place'));
});

describe('a change that is said to be refused', () => {
  const refused = AFTER.filter(([name]) => name === 'refusing').map(
    ([, { kind, metadata }]) => [kind, metadata.name] as const,
  );

  test('was found for each kind', () => {
    expect(refused.map(([kind, name]) => [kind, name, effectOf(kind, name)])).toEqual(
      refused.map(([kind, name]) => [kind, name, 'refused']),
    );
  });

  test.each(refused)('%s %s: is, and the object stays as it was', (kind, name) => {
    const now = live(kind, name);

    expect(now?.metadata.uid).toBe(formerUid(kind, name));
    const { metadata: _, status: __, ...content }: Partial<LiveObject> = before.get(keyOf(kind, name)) ?? {};
    expect(now).toMatchObject(content);
  });

  test('fails the sync, each object for itself', async () => {
    const failed = () => {
      const { status } = bench.get('applications.argoproj.io', 'refusing', 'argocd') as unknown as {
        readonly status: {
          readonly operationState: { readonly syncResult: { readonly resources: readonly SyncedResource[] } };
        };
      };
      return status.operationState.syncResult.resources
        .filter(({ status }) => status === 'SyncFailed')
        .map(({ kind, name }) => `${kind} ${name}`)
        .sort();
    };

    // It is tried again and again, and the result of each try fills by and by.
    const found = await bench.until('a try has come to the last of them', () => {
      const now = failed();
      return now.length >= refused.length ? now : undefined;
    });

    expect(found).toEqual(refused.map(([kind, name]) => `${kind} ${name}`).sort());
  });

  test('is done all the same where Git says Force and Replace: the object is another', () => {
    expect(effectOf('ConfigMap', 'forced')).toBe('recreated');
    expect(live('ConfigMap', 'forced')?.data).toEqual({ value: 'two' });
    expect(uidOf('ConfigMap', 'forced')).not.toBe(formerUid('ConfigMap', 'forced'));
  });
});

test('a binding to another role is another object: Argo CD deletes and creates it by itself', () => {
  expect(effectOf('RoleBinding', 'bound')).toBe('recreated');
  expect(live('RoleBinding', 'bound')?.roleRef).toMatchObject({ name: 'edit' });
  expect(uidOf('RoleBinding', 'bound')).not.toBe(formerUid('RoleBinding', 'bound'));
});

describe('what leaves Git', () => {
  test.each([
    ['pruned', 'leaves-git'],
    ['pruned', 'goes-with-it'],
  ])('%s: %s is gone', (effect, name) => {
    expect(effectOf('ConfigMap', name)).toBe(effect);
    expect(live('ConfigMap', name)).toBeUndefined();
  });

  test.each([
    ['orphaned', 'leaves-git-protected'],
    ['orphaned', 'kept-after-git'],
    ['orphaned', 'left-behind'],
    ['frozen', 'without-folder'],
    ['frozen', 'without-git'],
  ])('%s: %s is the object that it was', (effect, name) => {
    expect(effectOf('ConfigMap', name)).toBe(effect);
    expect(uidOf('ConfigMap', name)).toBe(formerUid('ConfigMap', name));
  });

  test('an Application goes, stays for its protection, or cannot compare itself any more', () => {
    expect(['removed', 'cascading', 'protected'].map((name) => effectOf('Application', name))).toEqual([
      'pruned',
      'pruned',
      'orphaned',
    ]);
    expect(applicationsOf(bench).map(({ name }) => name)).not.toContain('removed');
    expect(applicationsOf(bench).map(({ name }) => name)).not.toContain('cascading');
    // Argo CD says why (app path does not exist) only after its grace period of three minutes.
    expect(['protected', 'vanishing'].map((name) => applicationOf(bench, name).revision)).not.toContain(revision);
  });
});

test('a renamed object is deleted, and another is there', () => {
  expect(said.get('Deployment new-name')).toMatchObject({
    effect: 'renamed',
    formerly: `Deployment ${NAMESPACE}/old-name`,
  });
  expect(live('Deployment', 'old-name')).toBeUndefined();
  expect(uidOf('Deployment', 'new-name')).not.toBe(formerUid('Deployment', 'old-name'));
});

describe('an object that moves to another Application', () => {
  const tracked = (name: string): string | undefined =>
    live('ConfigMap', name)?.metadata.annotations?.['argocd.argoproj.io/tracking-id'];

  test('which prunes it, is deleted and created anew', () => {
    expect(said.get('ConfigMap moves-with-a-gap')).toMatchObject({
      effect: 'moved',
      weight: 'danger',
      formerly: 'from-pruning',
    });
    expect(uidOf('ConfigMap', 'moves-with-a-gap')).not.toBe(formerUid('ConfigMap', 'moves-with-a-gap'));
    expect(tracked('moves-with-a-gap')).toMatch(/^to-after-pruning:/);
  });

  test('which does not prune it, to one that takes nothing from others, stays where it was', () => {
    expect(said.get('ConfigMap cannot-move')).toMatchObject({ effect: 'moved', weight: 'danger' });
    expect(uidOf('ConfigMap', 'cannot-move')).toBe(formerUid('ConfigMap', 'cannot-move'));
    expect(tracked('cannot-move')).toMatch(/^from-keeping:/);
  });

  test('which does not prune it, to one that takes it over, is the same object', () => {
    expect(said.get('ConfigMap moves')).toMatchObject({ effect: 'moved', weight: 'care' });
    expect(uidOf('ConfigMap', 'moves')).toBe(formerUid('ConfigMap', 'moves'));
    expect(tracked('moves')).toMatch(/^to-taking:/);
  });
});

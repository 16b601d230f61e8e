/** A live cluster as one side of a review, from facts alone. */
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readTree } from '../../../src/argo/read-tree.js';
import type { Failure, LiveObject } from '../../../src/manifest/live-object.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { liveSides } from '../../../src/ops/change/live-sides.js';
import type { LiveState, OtherObject } from '../../../src/ops/change/live-state.js';
import { reportOf } from '../../../src/ops/change/report.js';
import type { ObjectFacts } from '../../../src/ops/drift/facts.js';
import { argo, liveObject } from '../drift/live.js';

const MARK = 'argocd.argoproj.io/tracking-id';

const config = (name: string, value: string, mark: string | null = 'app'): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name,
    namespace: 'work',
    ...(mark === null ? {} : { annotations: { [MARK]: `${mark}:/ConfigMap:work/${name}` } }),
  },
  data: { value },
});

const APPLICATION: Manifest = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'app', namespace: 'argocd' },
  spec: {
    source: { repoURL: 'x', path: 'work' },
    destination: { namespace: 'work' },
    syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['FailOnSharedResource=true'] },
  },
};

const failure = (kind: Failure['kind'], message: string) => ({ ok: false, failure: { kind, message } }) as const;
const found = (value: LiveObject | null) => ({ ok: true, value }) as const;

interface Case {
  readonly live?: ObjectFacts['live'];
  readonly applied?: ObjectFacts['applied'];
  readonly others?: readonly OtherObject[];
  readonly status?: Manifest['status'];
}

/** Head has one ConfigMap `c` with the value `new`. */
function reviewOf({ live = found(null), applied = null, others = [], status = { sync: { status: 'Synced' } } }: Case) {
  const files = [config('c', 'new', null), config('stays', 'same', null)].map(
    (manifest) => [`work/${manifest.metadata.name}.yaml`, stringify(manifest)] as const,
  );
  const head = readTree(new Map([['apps/app.yaml', stringify(APPLICATION)], ...files]), '');
  const [application] = head.applications;
  if (application === undefined) throw new Error('expected an Application, got none');
  const ref = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace: 'argocd', name: 'app' };
  const stays = liveObject(config('stays', 'same'));
  const state: LiveState = {
    head,
    objects: [
      { application, described: config('c', 'new'), live, applied },
      { application, described: config('stays', 'same'), live: found(stays), applied: same(stays) },
    ],
    applications: [{ ref, described: application, live: found(liveObject({ ...APPLICATION, status })), others }],
  };
  const { base, head: made, ...asked } = liveSides(state);
  const { changes, unknown } = reportOf({ base: 'cluster', head: 'files' }, base, made, asked);
  return { changes: changes.map(({ effect, object }) => `${effect} ${object.name}`), unknown, all: changes };
}

const same = (live: LiveObject) => ({ result: { ok: true, value: live }, by: 'dry-run' }) as const;
const old = liveObject(config('c', 'old'), [argo({ 'f:data': { 'f:value': {} } })]);
const other = (live: OtherObject['live']): OtherObject => ({
  ref: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'work', name: 'other' },
  live,
});

test('what is missing is created', () => {
  expect(reviewOf({})).toMatchObject({ changes: ['created c'], unknown: [] });
});

test('what is as described is no change', () => {
  expect(reviewOf({ live: found(old), applied: same(old) })).toMatchObject({ changes: [], unknown: [] });
});

test('what an apply changes is changed', () => {
  const applied = same(liveObject(config('c', 'new')));

  expect(reviewOf({ live: found(old), applied })).toMatchObject({ changes: ['changed c'] });
});

test('what the API server refuses is refused, in its words', () => {
  const result = failure('refused', 'not on a Sunday');
  const { changes, all } = reviewOf({ live: found(old), applied: { result, by: 'dry-run' } });

  expect(changes).toEqual(['refused c']);
  expect(all[0]?.consequences[0]).toContain('not on a Sunday');
});

test.each<[string, Case, RegExp]>([
  ['that may not be read', { live: failure('forbidden', 'forbidden to get it') }, /forbidden/],
  ['of a kind that is not installed', { live: failure('unknown-kind', 'no such kind') }, /no such kind/],
  [
    'whose apply was not answered',
    { live: found(old), applied: { result: failure('timed-out', 'too late'), by: 'dry-run' } },
    /too late/,
  ],
  ['that was not compared', { live: found(old) }, /not compared/],
  [
    'that is being deleted',
    {
      live: found(liveObject({ ...old, metadata: { ...old.metadata, deletionTimestamp: 't' } as never })),
      applied: same(old),
    },
    /being deleted since t/,
  ],
  ['that is a Secret', { live: 'withheld' }, /Secrets are not read/],
])('an object %s is no change and is named', (_, facts, why) => {
  const { changes, unknown } = reviewOf(facts);

  expect(changes).toEqual([]);
  expect(unknown).toEqual([{ subject: 'ConfigMap work/c', why: expect.stringMatching(why) }]);
});

test('what carries the mark and is in no file is pruned; what carries another, or none, stays', () => {
  const mine = (mark: string | null) =>
    reviewOf({ others: [other(found(liveObject(config('other', 'x', mark))))] }).changes;

  expect(mine('app')).toEqual(['pruned other', 'created c']);
  expect(mine('elsewhere')).toEqual(['created c']);
  expect(mine(null)).toEqual(['created c']);
});

test('what may not be read and leaves is pruned, and in doubt', () => {
  const { changes, unknown } = reviewOf({ others: [other(failure('forbidden', 'forbidden'))] });

  expect(changes).toContain('pruned other');
  expect(unknown).toEqual([{ subject: 'ConfigMap work/other', why: 'whether it may be pruned: forbidden' }]);
});

test('what Argo CD has not compared may hold more', () => {
  expect(reviewOf({ status: {} }).unknown).toEqual([
    { subject: 'what else Application app has', why: 'Argo CD has not compared it (never)' },
  ]);
});

test('an object that another Application holds is moved, and one that none holds is taken up', () => {
  const held = (mark: string | null) => {
    const live = liveObject(config('c', 'new', mark));
    return reviewOf({ live: found(live), applied: same(live) }).all;
  };

  expect(held('elsewhere')).toMatchObject([{ effect: 'moved', weight: 'danger', formerly: 'elsewhere' }]);
  expect(held(null)).toMatchObject([{ effect: 'moved', weight: 'care', formerly: '' }]);
});

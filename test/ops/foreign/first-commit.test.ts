import { describe, expect, test } from 'vitest';
import { treeOf } from '../../../src/argo/read-tree.js';
import type { SyncedApplication } from '../../../src/argo/tree.js';
import { filesOf } from '../../../src/manifest/layout.js';
import type { Answer, LiveObject, ManagedFields } from '../../../src/manifest/live-object.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { inWords, verdictOf } from '../../../src/ops/check/result.js';
import { firstCommitLive } from '../../../src/ops/foreign/first-commit.js';
import { renderCluster } from '../../../src/synth/render.js';
import { homelab, objectsOf, pvek8s } from '../../support/clusters.js';
import { entry, liveObject } from './live-object.js';

const RETIRING = { ...homelab(), retiring: ['coredns'] as const };
const [PARTIAL] = objectsOf(RETIRING, 'coredns');
const [WHOLE] = objectsOf({ ...pvek8s(), retiring: ['coredns'] }, 'coredns');
const ANNOTATED = { 'f:metadata': { 'f:annotations': { 'f:selfheal.dev/foreign': {} } } };
const ORIGINAL = { 'f:spec': { 'f:selector': {}, 'f:strategy': { 'f:type': {} } } };
const OURS = { 'f:spec': { 'f:replicas': {} } };

const APPLICATION = 'selfheal-coredns';
const DESCRIBED = ((): SyncedApplication => {
  const { applications } = treeOf(filesOf(RETIRING.gitops.path, renderCluster(RETIRING)), '');
  const found = applications.find(({ name }) => name === APPLICATION);
  if (found === undefined) throw new Error(`Application ${APPLICATION}: expected, got none`);
  return found;
})();

const [FIRST, OLDER] = ['b'.repeat(40), 'a'.repeat(40)];
const IN_SYNC = { sync: { status: 'Synced', revision: FIRST }, operationState: { phase: 'Succeeded' } };
const application = (status: object, changes: object = {}): Answer<LiveObject> => ({
  ok: true,
  value: { ...liveObject(DESCRIBED.source.manifest, []), status: status as never, ...changes },
});
/** Reads another place than the described one. */
const elsewhere = (source: object): Answer<LiveObject> => {
  const spec = Object(DESCRIBED.source.manifest.spec);
  return application(IN_SYNC, { spec: { ...spec, source: { ...spec.source, ...source } } });
};

interface Given {
  readonly manifest?: Manifest | undefined;
  readonly fields?: readonly ManagedFields[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly live?: Answer<LiveObject | null>;
  readonly application?: Answer<LiveObject | null>;
  readonly holds?: (revision: string) => boolean | null;
}

function look({ manifest = PARTIAL, fields = [entry('argocd-controller', 'Apply', ANNOTATED)], ...given }: Given = {}) {
  if (manifest === undefined) throw new Error('a patch: expected, got none');
  const live = given.live ?? { ok: true, value: liveObject(manifest, fields, given.annotations) };
  const results = firstCommitLive({
    objects: [{ manifest, live }],
    application: {
      described: DESCRIBED,
      live: given.application ?? application(IN_SYNC),
      holdsFirstCommit: given.holds ?? ((revision) => revision === FIRST),
    },
  });
  return { verdict: verdictOf(results), found: results.map(inWords).join('; ') };
}

test('it is live where Argo CD owns metadata alone and has synced the commit', () => {
  expect(look().verdict).toBe('pass');
});

test('it is live where the whole object is the original again', () => {
  expect(look({ manifest: WHOLE, fields: [entry('argocd-controller', 'Apply', ORIGINAL)] }).verdict).toBe('pass');
});

describe('the second commit must wait', () => {
  test.each<[string, Given, string]>([
    ['while the object is as it was patched', { annotations: { 'selfheal.dev/foreign': 'partial' } }, 'got "partial"'],
    [
      'while Argo CD owns a field of ours',
      { fields: [entry('argocd-controller', 'Apply', OURS)] },
      'got spec.replicas',
    ],
    [
      'while a field is there that Argo CD wrote without server-side apply',
      { fields: [entry('argocd-controller', 'Apply', ANNOTATED), entry('argocd-controller', 'Update', OURS)] },
      'got spec.replicas',
    ],
    [
      'while the whole object has a field of ours',
      {
        manifest: WHOLE,
        fields: [
          entry('argocd-controller', 'Apply', { 'f:spec': { 'f:template': { 'f:spec': { 'f:affinity': {} } } } }),
        ],
      },
      'got spec.template.spec.affinity',
    ],
    [
      'while another Application has it',
      { annotations: { 'argocd.argoproj.io/tracking-id': 'dns:apps/Deployment:kube-system/coredns' } },
      'expected selfheal-coredns to sync it, got dns',
    ],
    [
      'while the Application is out of sync',
      { application: application({ ...IN_SYNC, sync: { status: 'OutOfSync', revision: FIRST } }) },
      'got "OutOfSync"',
    ],
    ...['Running', 'Terminating'].map((phase): [string, Given, string] => [
      `while a sync is under way (${phase})`,
      { application: application({ ...IN_SYNC, operationState: { phase } }) },
      `its last operation "${phase}"`,
    ]),
    [
      'while somebody has asked for a sync',
      { application: application(IN_SYNC, { operation: { sync: { revision: OLDER } } }) },
      'a sync that is asked for',
    ],
    [
      'while an older commit is synced',
      { application: application({ ...IN_SYNC, sync: { status: 'Synced', revision: OLDER } }) },
      'expected a revision that holds the first commit, got aaaaaaa',
    ],
    [
      'while it reads another repository',
      { application: elsewhere({ repoURL: 'https://me:secret@example.org/other.git' }) },
      // Without the password.
      'got "https://example.org/other.git"',
    ],
    [
      'while it reads another branch',
      { application: elsewhere({ targetRevision: 'staging' }) },
      'expected it to read targetRevision "main", got "staging"',
    ],
    [
      "while it reads another cluster's folder",
      { application: elsewhere({ path: 'dist/cellar/coredns' }) },
      'expected it to read path "dist/homelab/coredns", got "dist/cellar/coredns"',
    ],
  ])('%s', (_, given, found) => {
    expect(look(given)).toEqual({ verdict: 'fail', found: expect.stringContaining(found) });
  });
});

describe('it cannot be told', () => {
  const failure = { ok: false, failure: { kind: 'forbidden', message: 'get: 403' } } as const;
  const noKind = { ok: false, failure: { kind: 'unknown-kind', message: 'no such kind' } } as const;
  const conditions = [{ type: 'ComparisonError', message: 'repository not found' }];

  test.each<[string, Given]>([
    ['where the object may not be read', { live: failure }],
    ['where the Application may not be read', { application: failure }],
    [
      'where there is no Application: one that is made again may read an older commit',
      { application: { ok: true, value: null } },
    ],
    ['where there is no Argo CD', { application: noKind }],
    ['where Argo CD cannot compare, whatever it said before', { application: application({ ...IN_SYNC, conditions }) }],
    ['where its status is Unknown', { application: application({ sync: { status: 'Unknown', revision: FIRST } }) }],
    ['where the synced revision is not known here', { holds: () => null }],
    ['where the Application does not say its revision', { application: application({ sync: { status: 'Synced' } }) }],
  ])('%s', (_, given) => {
    expect(look(given).verdict).toBe('unknown');
  });

  test('where nothing was looked at', () => {
    const facts = { described: DESCRIBED, live: application(IN_SYNC), holdsFirstCommit: () => true };

    expect(verdictOf(firstCommitLive({ objects: [], application: facts }))).toBe('unknown');
  });
});

describe.each<[string, Answer<LiveObject | null>]>([
  ['the object', { ok: true, value: null }],
  ['its kind', { ok: false, failure: { kind: 'unknown-kind', message: 'no such kind' } }],
])('where %s is gone', (_, live) => {
  /** Tries for ever: there is nothing to patch. */
  const stuck = (revision: string, tried: string, changes: object = {}) =>
    application(
      {
        sync: { status: 'OutOfSync', revision },
        operationState: { phase: 'Running', syncResult: { revision: tried } },
      },
      changes,
    );

  test('nothing of ours is on it, and a sync that cannot work need not be waited for', () => {
    expect(look({ live, application: stuck(FIRST, FIRST) }).verdict).toBe('pass');
  });

  test('the second commit must wait while Argo CD would patch it again once it is back', () => {
    expect(look({ live, application: stuck(OLDER, OLDER) }).verdict).toBe('fail');
    expect(look({ live, application: stuck(FIRST, OLDER) }).verdict).toBe('fail');
    const asked = { operation: { sync: { revision: OLDER } } };
    expect(look({ live, application: stuck(FIRST, FIRST, asked) }).verdict).toBe('fail');
    expect(look({ live, application: { ok: true, value: null } }).verdict).toBe('unknown');
  });

  test('it cannot be told what a sync of a commit that is not here brings', () => {
    const holds = (revision: string) => (revision === FIRST ? true : null);

    expect(look({ live, application: stuck(FIRST, OLDER), holds }).verdict).toBe('unknown');
  });
});

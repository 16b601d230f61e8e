import { describe, expect, test } from 'vitest';
import type { Answer, LiveObject, ManagedFields } from '../../../src/manifest/live-object.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { verdictOf } from '../../../src/ops/check/result.js';
import { firstCommitLive } from '../../../src/ops/foreign/first-commit.js';
import { homelab, objectsOf, pvek8s } from '../../support/clusters.js';
import { entry, liveObject } from './live-object.js';

const [PARTIAL] = objectsOf({ ...homelab(), retiring: ['coredns'] }, 'coredns');
const [WHOLE] = objectsOf({ ...pvek8s(), retiring: ['coredns'] }, 'coredns');
const ANNOTATED = { 'f:metadata': { 'f:annotations': { 'f:selfheal.dev/foreign': {} } } };
const ORIGINAL = { 'f:spec': { 'f:selector': {}, 'f:strategy': { 'f:type': {} } } };

const application = (status: object): Answer<LiveObject> => ({
  ok: true,
  value: {
    ...liveObject(
      { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata: { name: 'selfheal-coredns' } },
      [],
    ),
    status: status as never,
  },
});
const SYNCED = application({
  sync: { status: 'Synced', revision: 'b'.repeat(40) },
  operationState: { phase: 'Succeeded' },
});

interface Given {
  readonly manifest?: Manifest | undefined;
  readonly fields?: readonly ManagedFields[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly live?: Answer<LiveObject | null>;
  readonly application?: Answer<LiveObject | null>;
  readonly holds?: boolean | null;
}

function look({ manifest = PARTIAL, fields = [entry('argocd-controller', 'Apply', ANNOTATED)], ...given }: Given = {}) {
  if (manifest === undefined) throw new Error('a patch: expected, got none');
  const live = given.live ?? { ok: true, value: liveObject(manifest, fields, given.annotations) };
  const { holds = true } = given;
  const results = firstCommitLive({
    objects: [{ manifest, live }],
    application: { name: 'selfheal-coredns', live: given.application ?? SYNCED },
    holdsFirstCommit: () => holds,
  });
  return { verdict: verdictOf(results), found: results.map(({ found }) => found).join('; ') };
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
      { fields: [entry('argocd-controller', 'Apply', { 'f:spec': { 'f:replicas': {} } })] },
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
      'while the Application is out of sync',
      { application: application({ sync: { status: 'OutOfSync' } }) },
      'OutOfSync',
    ],
    [
      'while a sync is under way',
      { application: application({ sync: { status: 'Synced', revision: 'b' }, operationState: { phase: 'Running' } }) },
      'Running',
    ],
    ['while an older commit is synced', { holds: false }, 'expected a revision that holds the first commit'],
  ])('%s', (_, given, found) => {
    expect(look(given)).toEqual({ verdict: 'fail', found: expect.stringContaining(found) });
  });
});

describe('it cannot be told', () => {
  const failure = { ok: false, failure: { kind: 'forbidden', message: 'get: 403' } } as const;

  test.each<[string, Given]>([
    ['where the object may not be read', { live: failure }],
    ['where the Application may not be read', { application: failure }],
    ['where the synced revision is not known here', { holds: null }],
    ['where the Application does not say its revision', { application: application({ sync: { status: 'Synced' } }) }],
  ])('%s', (_, given) => {
    expect(look(given).verdict).toBe('unknown');
  });

  test('where nothing was looked at', () => {
    expect(verdictOf([])).toBe('unknown');
  });
});

test('where the object is gone nothing of ours is on it, whatever its Application says', () => {
  const stuck = application({ sync: { status: 'OutOfSync' } });
  const noKind = { ok: false, failure: { kind: 'unknown-kind', message: 'no such kind' } } as const;

  expect(look({ live: { ok: true, value: null }, application: stuck }).verdict).toBe('pass');
  expect(look({ live: noKind, application: stuck }).verdict).toBe('pass');
});

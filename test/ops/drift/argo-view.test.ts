import { describe, expect, test } from 'vitest';
import { argoView, oneLine, shortRevision, trackedResource } from '../../../src/ops/drift/argo-view.js';
import { application, LOOKED, REVISION, resource, viewOf } from './views.js';

const ROLE = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'r' } };

describe('a live Application', () => {
  test('counts with its own policy, not the described one', () => {
    const { policy } = viewOf({}, { syncPolicy: { automated: { enabled: false }, retry: { limit: 2 } } });

    expect(application().policy.automated).toBe(true);
    expect(policy).toMatchObject({ automated: false, retryLimit: 2 });
  });

  test('says what it compared last, and when', () => {
    expect(viewOf()).toMatchObject({ sync: 'Synced', revision: REVISION, reconciledAt: LOOKED, operation: null });
  });

  test('without a status has said nothing: not that it is synced', () => {
    expect(viewOf({ sync: undefined, reconciledAt: undefined })).toMatchObject({
      sync: '',
      revision: '',
      reconciledAt: '',
      conditions: [],
      resources: [],
    });
  });

  test('that is missing and one that cannot be read are not the same, and neither has a policy', () => {
    const failure = { kind: 'timed-out', message: 'm' } as const;

    expect(argoView(application(), { ok: true, value: null })).toMatchObject({ live: 'missing', policy: null });
    expect(argoView(application(), { ok: false, failure })).toMatchObject({ live: 'unknown', policy: null });
    expect(argoView(application(), undefined).live).toBe('unknown');
  });
});

describe('its operation', () => {
  const operation = (state: object) => viewOf({ operationState: { ...state } }).operation;

  test('has the revision that it synced, or the one that it was asked for', () => {
    expect(operation({ syncResult: { revision: 'a' }, operation: { sync: { revision: 'b' } } })?.revision).toBe('a');
    expect(operation({ operation: { sync: { revision: 'b' } } })?.revision).toBe('b');
    expect(operation({})?.revision).toBe('');
  });

  test('has the objects that failed and the hooks, in one line each, and no others', () => {
    const resources = [
      { kind: 'A', name: 'a', status: 'Synced', message: 'ok' },
      { kind: 'B', name: 'b', status: 'SyncFailed', message: 'no\n  good' },
      { kind: 'C', name: 'c', status: 'Synced', hookPhase: 'Failed', message: 'hook' },
      { kind: 'D', name: 'd', status: 'Synced', hookPhase: 'Succeeded', message: 'hook' },
    ];

    expect(operation({ phase: 'Failed', retryCount: 4, syncResult: { resources } })).toMatchObject({
      phase: 'Failed',
      retries: 4,
      failures: ['B b: no good', 'C c: hook'],
    });
  });
});

test('what Argo CD says of an object is found by group, kind, namespace and name', () => {
  const view = viewOf({ resources: [resource(ROLE, 'OutOfSync')] });

  expect(trackedResource(view, ROLE)?.status).toBe('OutOfSync');
  expect(trackedResource(view, { ...ROLE, apiVersion: 'rbac.authorization.k8s.io/v1beta1' })).toBeDefined();
  expect(trackedResource(view, { ...ROLE, apiVersion: 'v1' })).toBeUndefined();
  expect(trackedResource(view, { ...ROLE, metadata: { name: 'r', namespace: 'n' } })).toBeUndefined();
});

test.each([
  [REVISION, 'a1b2c3d'],
  ['88.5.3', '88.5.3'],
  ['', 'no revision'],
])('a revision %j is shown as %j', (revision, shown) => {
  expect(shortRevision(revision)).toBe(shown);
});

test('a message is one line, without the files of Argo CD that are gone', () => {
  expect(oneLine(' error when\n creating from "/dev/shm/123": no\n')).toBe('error when creating: no');
});

import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/manifest/manifest.js';
import { applicationFindings } from '../../../src/ops/drift/application-findings.js';
import { argoView } from '../../../src/ops/drift/argo-view.js';
import { application, REVISION, viewOf } from './views.js';

type Fields = { readonly [key: string]: Json | undefined };

const OTHER = 'b'.repeat(40);
const behind = (phase: string, more: Fields = {}): Fields => ({
  sync: { status: 'OutOfSync', revision: REVISION },
  operationState: { phase, syncResult: { revision: REVISION }, finishedAt: '2025-11-22T02:59:00Z', ...more },
});
const said = (status: Fields, spec?: Fields) => applicationFindings(viewOf(status, spec));
const ids = (status: Fields, spec?: Fields) => said(status, spec).map(({ id }) => id);

describe('nothing is said', () => {
  test('of an Application that is synced, whatever its last operation was', () => {
    expect(ids({})).toEqual([]);
    expect(ids({ operationState: { phase: 'Failed', syncResult: { revision: REVISION } } })).toEqual([]);
  });

  test('of one that could not be read, or is missing: that is said of the object', () => {
    expect(applicationFindings(argoView(application(), { ok: true, value: null }))).toEqual([]);
    expect(applicationFindings(argoView(application(), undefined))).toEqual([]);
  });

  test('of one that is at it for the first time, or is at the revision that Git has', () => {
    expect(ids(behind('Running'))).toEqual([]);
    expect(ids(behind('Succeeded'))).toEqual([]);
  });
});

test('one that was never compared says so', () => {
  expect(said({ sync: {} })).toMatchObject([
    { id: 'application-behind', what: 'Argo CD has never compared it', next: ['kubectl -n argocd get pods'] },
  ]);
});

describe('an Application that failed', () => {
  test('says when, at which commit and why, and that Argo CD has given up', () => {
    const resources = [
      { kind: 'ConfigMap', name: 'ok', status: 'Synced', message: 'configured' },
      { kind: 'Job', name: 'b', status: 'SyncFailed', message: 'Job "b" is\n  invalid' },
    ];
    const syncResult = { revision: REVISION, resources };

    for (const phase of ['Failed', 'Error'])
      expect(said(behind(phase, { retryCount: 5, syncResult, message: 'one or more objects failed' }))).toMatchObject([
        {
          id: 'application-failed',
          subject: 'Application argocd/selfheal-coredns',
          what: 'the sync of a1b2c3d failed at 2025-11-22T02:59:00Z after 5 retries: Job b: Job "b" is invalid',
          argo: 'never tries this revision again by itself',
        },
      ]);
  });

  test('tries the next commit, which is there already', () => {
    const [finding] = said(behind('Failed', { syncResult: { revision: OTHER }, message: 'm' }));

    expect(finding?.argo).toBe('tries again with the next commit');
    expect(finding?.what).toContain('bbbbbbb failed');
  });
});

test('one that retries says what does not get through, and how often it will', () => {
  const status = behind('Running', { retryCount: 3, message: 'Retrying operation. Attempt #3' });

  expect(said(status)[0]?.argo).toBe('tries again, 3 times so far and without limit');
  expect(said(status, { syncPolicy: { retry: { limit: 5 } } })[0]?.argo).toBe('tries again, 3 times so far of 5');
  expect(ids(status)).toEqual(['application-retrying']);
});

test('one that is behind says at which commit it is, and who will sync it', () => {
  const status = behind('Succeeded', { syncResult: { revision: OTHER } });

  expect(said(status)).toMatchObject([
    { id: 'application-behind', what: 'it is at bbbbbbb, and Git at a1b2c3d', argo: 'syncs it within minutes' },
  ]);
  expect(said(status, { syncPolicy: {} })[0]?.argo).toContain('waits for somebody');
});

describe('an Application that cannot be compared', () => {
  const conditions = [{ type: 'ComparisonError', message: 'repository\nnot found' }];

  test('says why, and how to look again', () => {
    expect(said({ sync: { status: 'Unknown' }, conditions })).toMatchObject([
      {
        id: 'application-cannot-compare',
        what: 'Argo CD cannot compare it with Git: ComparisonError: repository not found',
      },
    ]);
  });
});

test('other conditions are told, and those of a failed sync once', () => {
  const conditions = [
    { type: 'SharedResourceWarning', message: 'ConfigMap n/a is part of applications x and y' },
    { type: 'SyncError', message: 'told above' },
  ];

  expect(said({ conditions })).toMatchObject([
    { id: 'application-condition', what: 'SharedResourceWarning: ConfigMap n/a is part of applications x and y' },
  ]);
});

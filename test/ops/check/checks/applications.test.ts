import { describe, expect, test } from 'vitest';
import type { Json } from '../../../../src/manifest/manifest.js';
import { applicationsCheck } from '../../../../src/ops/check/checks/applications.js';
import { failure, live, lookOf } from '../../../support/check-facts.js';
import { homelab } from '../../../support/clusters.js';

const OURS = 'selfheal-coredns';
const DESCRIBED = [
  {
    application: 'selfheal-root',
    manifest: {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: OURS, namespace: 'argocd' },
    },
  },
  { application: OURS, manifest: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'coredns' } } },
];
const WELL = { sync: { status: 'Synced' }, health: { status: 'Healthy' }, operationState: { phase: 'Succeeded' } };
const application = (name: string, status: { readonly [key: string]: Json } = {}, more: object = {}) =>
  live('Application', `argocd/${name}`, { status: { ...WELL, ...status }, ...more });
const answer = (applications: Parameters<typeof lookOf>[1]['applications']) =>
  applicationsCheck.answer({ ...lookOf({ cluster: homelab() }, { applications }), described: DESCRIBED });
const ours = (status: { readonly [key: string]: Json }, more: object = {}) => answer([application(OURS, status, more)]);

test('those that are synced and healthy pass, as one line', () => {
  expect(answer([application(OURS), application('shop')])).toMatchObject([
    { verdict: 'pass', found: '2, 1 of them ours: none syncs, none is stuck' },
  ]);
});

test.each([
  ['was not synced after a change of Git', { sync: { status: 'OutOfSync' } }],
  ['is suspended', { health: { status: 'Suspended' } }],
  ['failed once and is in sync by now', { operationState: { phase: 'Failed' } }],
  ['has a warning', { conditions: [{ type: 'OrphanedResourceWarning', message: 'one' }] }],
])('one that %s is not in the middle of anything', (_, status) => {
  expect(ours(status)[0]?.verdict).toBe('pass');
});

describe('it cannot be told', () => {
  test('where Applications may not be listed, or the kind is not there', () => {
    expect(answer(failure('list Application: 403'))).toMatchObject([
      { verdict: 'unknown', found: 'list Application: 403' },
    ]);
    expect(answer(failure('no such kind', 'unknown-kind'))).toMatchObject([
      { verdict: 'unknown', next: expect.stringContaining('install') },
    ]);
  });

  test('where there is none: the description has some', () => {
    expect(answer([])).toMatchObject([{ verdict: 'unknown' }]);
  });
});

describe('it fails for one that', () => {
  test.each([
    ['syncs', { operationState: { phase: 'Running', startedAt: '08:00' } }, {}, 'Running since 08:00'],
    [
      'retries',
      { operationState: { phase: 'Running', startedAt: '08:00', retryCount: 3, message: 'no\n  webhook' } },
      {},
      'Running since 08:00, 3 retries: no webhook',
    ],
    ['is being terminated', { operationState: { phase: 'Terminating', startedAt: '08:00' } }, {}, 'Terminating since'],
    ['is asked to sync', {}, { operation: { sync: {} } }, 'asked for'],
    [
      'failed and is not in sync',
      { sync: { status: 'OutOfSync' }, operationState: { phase: 'Failed', finishedAt: '07:00', message: 'denied' } },
      {},
      'Failed at 07:00: denied',
    ],
    ['cannot be compared', { conditions: [{ type: 'ComparisonError', message: 'no repo' }] }, {}, 'no repo'],
    ['is Unknown', { sync: { status: 'Unknown' } }, {}, 'sync Unknown'],
    ['was never compared', { sync: {} }, {}, 'never compared'],
    ['is degraded', { health: { status: 'Degraded' } }, {}, 'Degraded'],
    ['is on its way', { health: { status: 'Progressing' } }, {}, 'Progressing'],
    ['has no health', { health: {} }, {}, 'no health'],
  ] as const)('%s', (_, status, more, found) => {
    expect(ours(status, more)).toMatchObject([
      {
        verdict: 'fail',
        subject: `Application argocd/${OURS}`,
        found: expect.stringContaining(found),
        next: `kubectl -n argocd describe applications.argoproj.io ${OURS}`,
      },
    ]);
  });
});

test('one of ours that is not there fails, and ours come first', () => {
  const degraded = { health: { status: 'Degraded' } };

  expect(answer([application('shop', degraded)]).map(({ subject }) => subject)).toEqual([
    `Application argocd/${OURS}`,
    'Application argocd/shop',
  ]);
  expect(answer([application('shop', degraded), application(OURS, degraded)]).map(({ subject }) => subject)).toEqual([
    `Application argocd/${OURS}`,
    'Application argocd/shop',
  ]);
});

import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/manifest/manifest.js';
import { argoView } from '../../../src/ops/drift/argo-view.js';
import { resourceFindings } from '../../../src/ops/drift/resource-findings.js';
import { application, REVISION, resource, viewOf } from './views.js';

type Fields = { readonly [key: string]: Json | undefined };

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'n' } };
const OUT_OF_SYNC = {
  sync: { status: 'OutOfSync', revision: REVISION },
  resources: [resource(CONFIG_MAP), resource({ ...CONFIG_MAP, metadata: { name: 'fine', namespace: 'n' } }, 'Synced')],
};
const CHART = application({ notRendered: 'chart x 1.0' });

/** Nothing is described, and nothing told, unless it is said here. */
const said = (view: ReturnType<typeof viewOf>, known: Partial<Parameters<typeof resourceFindings>[1]> = {}) =>
  resourceFindings(view, { described: [], told: new Set(), ...known });

describe('nothing is said', () => {
  test('of what cannot be compared: without Git each object looks as if it had been taken out of it', () => {
    const conditions = [{ type: 'ComparisonError', message: 'repository not found' }];
    const resources = [resource(CONFIG_MAP, 'OutOfSync', { requiresPruning: true }), resource(CONFIG_MAP)];

    expect(said(viewOf({ sync: { status: 'Unknown' }, conditions, resources }))).toEqual([]);
  });

  test('where there is no Application', () => {
    expect(said(argoView(application(), { ok: true, value: null }))).toEqual([]);
  });

  test('of an object that Argo CD calls Synced and the description has, in whatever version', () => {
    const described = [{ ...CONFIG_MAP, apiVersion: 'v1' }];

    expect(said(viewOf({ resources: [resource(CONFIG_MAP, 'Synced')] }), { described })).toEqual([]);
  });

  test('of what a chart renders and Argo CD calls Synced: it is not described here', () => {
    expect(said(viewOf({ resources: [resource(CONFIG_MAP, 'Synced')] }, {}, CHART))).toEqual([]);
  });
});

describe('an object that Git no longer has', () => {
  const resources = [resource(CONFIG_MAP, 'OutOfSync', { requiresPruning: true })];

  test('is left over, and stays unless the Application prunes', () => {
    expect(said(viewOf({ resources }))).toMatchObject([
      { id: 'object-left-over', subject: 'ConfigMap n/a', argo: expect.stringContaining('removes it') },
    ]);
    for (const syncPolicy of [{ automated: { prune: false } }, { automated: { prune: true, enabled: false } }])
      expect(said(viewOf({ resources }, { syncPolicy }))[0]?.argo).toContain('leaves it');
  });

  test('is left over of a chart, too', () => {
    expect(said(viewOf({ resources }, {}, CHART))).toMatchObject([{ id: 'object-left-over' }]);
  });
});

test('an object that only Git has is said to be so, with the commit', () => {
  expect(said(viewOf({ resources: [resource(CONFIG_MAP, 'Synced')] }))).toMatchObject([
    { id: 'object-not-described', subject: 'ConfigMap n/a', what: expect.stringContaining('a1b2c3d') },
  ]);
});

describe('an object that Argo CD says is not in sync', () => {
  const described = [CONFIG_MAP, { ...CONFIG_MAP, metadata: { name: 'fine', namespace: 'n' } }];
  const automated = (status: Fields = OUT_OF_SYNC) => viewOf(status);

  test('is not told twice', () => {
    expect(said(automated(), { described, told: new Set(['ConfigMap n/a']) })).toEqual([]);
  });

  test('is told although the cluster is as described: Git is not', () => {
    expect(said(automated(), { described })).toMatchObject([
      {
        id: 'object-out-of-sync',
        subject: 'ConfigMap n/a',
        what: 'it is as described, and Argo CD says that it is not as Git has it at a1b2c3d',
        argo: 'reverts it within seconds: self-heal is on',
      },
    ]);
  });

  test('is told of a chart, which nobody here has looked at', () => {
    expect(said(viewOf(OUT_OF_SYNC, { syncPolicy: {} }, CHART))).toMatchObject([
      {
        id: 'object-out-of-sync',
        subject: 'ConfigMap n/a',
        what: 'Argo CD says that it is not as its source renders it',
        argo: expect.stringContaining('leaves it until somebody syncs'),
      },
    ]);
  });
});

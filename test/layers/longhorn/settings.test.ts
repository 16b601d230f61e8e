import { expect, test } from 'vitest';
import type { LonghornSpec } from '../../../src/cluster/spec/longhorn.js';
import { minimal, objectsOf, pvek8s } from '../../support/clusters.js';

const FOLDER = 'longhorn-settings';

const settingsOf = (spec: Partial<LonghornSpec> = {}) =>
  objectsOf(minimal({ longhorn: { version: '1.11.3', backupTarget: { kind: 'none' }, ...spec } }), FOLDER);

test('sets nothing in a cluster without Longhorn', () => {
  expect(objectsOf(pvek8s(), FOLDER)).toEqual([]);
});

test.each([
  ['include', 'true'],
  ['leave-out', 'false'],
] as const)('declares detached volumes %j as the text %j, so that a change by hand is put back', (spec, value) => {
  expect(settingsOf({ detachedVolumes: spec, namespace: 'storage' })).toEqual([
    {
      apiVersion: 'longhorn.io/v1beta2',
      kind: 'Setting',
      metadata: {
        name: 'allow-recurring-job-while-volume-detached',
        namespace: 'storage',
        annotations: {
          'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false,ServerSideApply=true,Validate=false',
          'selfheal.dev/foreign': 'partial',
        },
      },
      value,
    },
  ]);
});

test('includes detached volumes where the description says nothing of them', () => {
  expect(settingsOf()).toMatchObject([{ value: 'true' }]);
});

test('can be synced before Longhorn has brought its CRDs, and prunes nothing', () => {
  const cluster = minimal({ longhorn: { version: '1.11.3', backupTarget: { kind: 'none' } } });
  const application = objectsOf(cluster, 'argocd').find(({ metadata }) => metadata.name === `selfheal-${FOLDER}`);

  expect(application?.spec).toMatchObject({
    syncPolicy: {
      automated: expect.not.objectContaining({ prune: true }),
      syncOptions: expect.arrayContaining(['SkipDryRunOnMissingResource=true']),
    },
  });
});

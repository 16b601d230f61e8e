import { expect, test } from 'vitest';
import type { LonghornSpec } from '../../../src/cluster/spec/longhorn.js';
import { homelab, minimal, objectsOf, pvek8s } from '../../support/clusters.js';

const FOLDER = 'longhorn-backup-target';

const targetOf = (backupTarget: LonghornSpec['backupTarget']) =>
  objectsOf(minimal({ longhorn: { version: '1.11.3', backupTarget } }), FOLDER)[0]?.spec;

test('says nothing about targets in a cluster without Longhorn', () => {
  expect(objectsOf(pvek8s(), FOLDER)).toEqual([]);
});

test('declares the empty target, so that it cannot come back unnoticed', () => {
  const [target, ...others] = objectsOf(homelab(), FOLDER);

  expect(others).toEqual([]);
  expect(target).toMatchObject({
    apiVersion: 'longhorn.io/v1beta2',
    kind: 'BackupTarget',
    metadata: { name: 'default', namespace: 'longhorn-system' },
    spec: { backupTargetURL: '', credentialSecret: '', pollInterval: '5m0s' },
  });
});

test("never prunes, deletes or validates as a whole the object that is Longhorn's own", () => {
  const options = objectsOf(homelab(), FOLDER)[0]?.metadata.annotations?.['argocd.argoproj.io/sync-options'];

  expect(options?.split(',')).toEqual(['Prune=false', 'Delete=false', 'ServerSideApply=true', 'Validate=false']);
});

test('can be synced before Longhorn has brought its CRDs', () => {
  const application = objectsOf(homelab(), 'argocd').find(({ metadata }) => metadata.name === `selfheal-${FOLDER}`);

  expect(application?.spec).toMatchObject({
    syncPolicy: {
      automated: expect.not.objectContaining({ prune: true }),
      syncOptions: expect.arrayContaining(['SkipDryRunOnMissingResource=true']),
    },
  });
});

test.each([
  [undefined, 's3://volumes@eu-west-1/'],
  ['attic/longhorn', 's3://volumes@eu-west-1/attic/longhorn'],
])('writes the S3 path %j as Longhorn reads it, with the credentials by reference', (path, url) => {
  const spec = targetOf({
    kind: 's3',
    bucket: 'volumes',
    region: 'eu-west-1',
    ...(path === undefined ? {} : { path }),
    credentialSecret: 'minio',
    pollInterval: '1h',
    backup: { at: '04:00', retain: 14 },
  });

  expect(spec).toEqual({ backupTargetURL: url, credentialSecret: 'minio', pollInterval: '1h0m0s' });
});

test.each([
  ['10.0.1.11', 'nfs://10.0.1.11:/backup/longhorn?nfsOptions=soft,timeo=100,retrans=3'],
  ['2001:db8::9', 'nfs://[2001:db8::9]:/backup/longhorn?nfsOptions=soft,timeo=100,retrans=3'],
])('mounts NFS from %s only softly and with bounds', (server, url) => {
  expect(targetOf({ kind: 'kernel-nfs', server, path: '/backup/longhorn' })).toMatchObject({ backupTargetURL: url });
});

import { describe, expect, test } from 'vitest';
import { longhornBackupOffCluster } from '../../../src/guardrails/rules/longhorn-backup-off-cluster.js';
import { clusterOf, foundIn, helmApplication, manifest } from '../examples.js';

const CLUSTER = clusterOf(['lamp', 'desk']);

const target = (backupTargetURL: string, credentialSecret = 'keys') =>
  manifest('longhorn.io/v1beta2', 'BackupTarget', 'default', { spec: { backupTargetURL, credentialSecret } }, 'lh');
const job = (task: string, ...groups: string[]) =>
  manifest('longhorn.io/v1beta2', 'RecurringJob', task, { spec: { task, groups } }, 'lh');

const found = (...objects: Parameters<typeof foundIn>[1]) => foundIn(longhornBackupOffCluster, objects, CLUSTER);

describe('longhorn-backup-off-cluster refuses', () => {
  test('an object store that nothing is sent to', () => {
    expect(longhornBackupOffCluster.severity).toBe('error');
    expect(found(target('s3://b@eu-1/'), job('snapshot', 'default'), job('backup', 'weekly'))).toEqual([
      'BackupTarget lh/default: expected a recurring job of the group "default" that backs up to it (none is there), got "s3://b@eu-1/"',
    ]);
  });

  test('an object store without the name of a Secret', () => {
    expect(found(target('s3://b@eu-1/', ''), job('backup', 'default'))).toEqual([
      'BackupTarget lh/default: expected credentials by the name of a Secret (none is named), got "s3://b@eu-1/"',
    ]);
  });

  test.each([
    ['nfs://192.0.2.11:/backup', 'desk'],
    ['nfs://desk:/backup?nfsOptions=soft', 'desk'],
    ['nfs://lamp.example.lan:/backup', 'lamp'],
    ['nfs://nfs.storage.svc.cluster.local:/backup', 'a Service or a loopback address'],
    ['nfs://[::1]:/backup', 'a Service or a loopback address'],
  ])('%s, which is the cluster itself', (url, place) => {
    expect(found(target(url))).toEqual([
      `BackupTarget lh/default: expected a machine outside the cluster (this is ${place}), got ${JSON.stringify(url)}`,
    ]);
  });

  test('CIFS, which is a kernel mount', () => {
    expect(found(target('cifs://nas/share'))).toEqual([
      'BackupTarget lh/default: expected no kernel mount (CIFS waits in the kernel as NFS does), got "cifs://nas/share"',
    ]);
  });

  test.each(['defaultBackupStore', 'defaultSettings'])('the same in %s of the values of the chart', (section) => {
    const values = { [section]: { backupTarget: 'nfs://192.0.2.10:/b' } };

    expect(found(helmApplication({}, { chart: 'longhorn', helm: { valuesObject: values } }))).toEqual([
      `Application argocd/selfheal-monitoring, Helm values, ${section}.backupTarget: expected a machine outside the cluster (this is lamp), got "nfs://192.0.2.10:/b"`,
    ]);
  });
});

describe('longhorn-backup-off-cluster accepts', () => {
  test.each([
    ['no target', [target('', '')]],
    ['an object store with a job', [target('s3://b@eu-1/'), job('backup', 'default')]],
    ['a job that backs up whatever is left to clean', [target('s3://b@eu-1/'), job('backup-force-create', 'default')]],
    // Kernel NFS has rules of its own.
    ['a machine that only begins like a node', [target('nfs://desktop:/backup'), target('nfs://192.0.2.110:/backup')]],
    ['a service whose host is in its Secret', [target('azblob://container@core.windows.net/')]],
  ])('%s', (_, objects) => {
    expect(found(...objects)).toEqual([]);
  });
});

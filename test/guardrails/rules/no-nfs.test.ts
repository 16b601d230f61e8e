import { describe, expect, test } from 'vitest';
import { noNfs } from '../../../src/guardrails/rules/no-nfs.js';
import { minimal } from '../../support/clusters.js';
import { configMap, deployment, findings, foundIn, helmApplication, manifest, pod } from '../examples.js';

const WAYS = {
  'a volume of a pod': deployment(pod({ volumes: [{ name: 'b', nfs: { server: '192.0.2.9', path: '/backup' } }] })),
  'a PersistentVolume': manifest('v1', 'PersistentVolume', 'nfs-backup-pv', {
    spec: { nfs: { server: '192.0.2.9', path: '/backup' } },
  }),
  'a PersistentVolume of the NFS CSI driver': manifest('v1', 'PersistentVolume', 'p', {
    spec: { csi: { driver: 'nfs.csi.k8s.io', volumeHandle: 'x' } },
  }),
  'an inline CSI volume': deployment(pod({ volumes: [{ name: 'b', csi: { driver: 'nfs.csi.k8s.io' } }] })),
  'a StorageClass of an NFS provisioner': manifest('storage.k8s.io/v1', 'StorageClass', 's', {
    provisioner: 'cluster.local/nfs-subdir-external-provisioner',
  }),
  'mount options of NFS': manifest('storage.k8s.io/v1', 'StorageClass', 's', {
    provisioner: 'example.org/x',
    mountOptions: ['nfsvers=4.1'],
  }),
  'NFS options of a Longhorn StorageClass': manifest('storage.k8s.io/v1', 'StorageClass', 's', {
    provisioner: 'driver.longhorn.io',
    parameters: { nfsOptions: 'vers=4.2,soft' },
  }),
  'a BackupTarget': manifest('longhorn.io/v1beta2', 'BackupTarget', 'default', {
    spec: { backupTargetURL: 'nfs://192.0.2.9:/backup?nfsOptions=soft,timeo=100,retrans=3' },
  }),
  "a chart's value": helmApplication({ defaultBackupStore: { backupTarget: 'nfs://192.0.2.9:/backup' } }),
  'a script that mounts': configMap({ 'run.sh': '#!/bin/sh\nmount -t nfs4 192.0.2.9:/backup /mnt\n' }),
  'a script that calls mount.nfs': configMap({ 'run.sh': '#!/bin/sh\ntimeout 30 /sbin/mount.nfs 192.0.2.9:/b /mnt\n' }),
  'a mount unit': configMap({ 'mnt.mount': '[Mount]\nWhat=192.0.2.9:/backup\nType=nfs4\n' }),
  'a claim that Longhorn serves over NFS': manifest('v1', 'PersistentVolumeClaim', 'c', {
    spec: { accessModes: ['ReadWriteMany'], storageClassName: 'longhorn' },
  }),
};

describe('no-nfs', () => {
  test.each(Object.entries(WAYS))('refuses %s', (_, object) => {
    expect(findings(noNfs, [object])).toHaveLength(1);
  });

  test('names the field and what stands in it', () => {
    expect(foundIn(noNfs, [WAYS['a BackupTarget']])).toEqual([
      'BackupTarget tools/default: expected no kernel NFS mount, got spec.backupTargetURL "nfs://192.0.2.9:/backup?nfsOptions=soft,timeo=100,retrans=3"',
    ]);
  });

  test('accepts S3, an empty target, and words that only sound like it', () => {
    const objects = [
      manifest('longhorn.io/v1beta2', 'BackupTarget', 'default', { spec: { backupTargetURL: '' } }),
      manifest('longhorn.io/v1beta2', 'BackupTarget', 'other', { spec: { backupTargetURL: 's3://bucket@region/' } }),
      configMap({
        'run.sh': '#!/bin/sh\n# never mount -t nfs here\nmount -t ext4 /dev/sda1 /mnt\n',
        note: 'transfs://x',
      }),
      manifest('storage.k8s.io/v1', 'StorageClass', 's', {
        provisioner: 'driver.longhorn.io',
        mountOptions: ['noatime'],
      }),
    ];

    expect(foundIn(noNfs, objects)).toEqual([]);
  });

  test('leaves the target that was asked for by name to the rules on its bounds, and nothing else', () => {
    const cluster = minimal({
      longhorn: { version: '1.11.3', backupTarget: { kind: 'kernel-nfs', server: 'nas.lan', path: '/backup' } },
    });

    expect(foundIn(noNfs, [WAYS['a BackupTarget']], cluster)).toEqual([]);
    expect(findings(noNfs, [WAYS['a volume of a pod']], cluster)).toHaveLength(1);
  });
});

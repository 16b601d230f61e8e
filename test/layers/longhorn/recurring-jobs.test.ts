import { expect, test } from 'vitest';
import { parseCluster } from '../../../src/cluster/parse/cluster.js';
import { homelab, MINIMAL_SPEC, minimal, objectsOf, pvek8s } from '../../support/clusters.js';

const S3 = {
  kind: 's3',
  bucket: 'volumes',
  region: 'us-east-1',
  credentialSecret: 'minio',
  backup: { at: '04:00', retain: 14 },
} as const;

test('adds nothing to a cluster without Longhorn', () => {
  expect(objectsOf(pvek8s(), 'longhorn')).toEqual([]);
});

test('adds no job where neither snapshots nor a target for backups are asked for', () => {
  const cluster = minimal({ longhorn: { version: '1.11.3', backupTarget: { kind: 'none' } } });

  expect(objectsOf(cluster, 'longhorn')).toEqual([]);
});

test('adds no backup job where only the NFS target is asked for', () => {
  const backupTarget = { kind: 'kernel-nfs', server: '192.0.2.9', path: '/backup' } as const;
  const cluster = minimal({
    longhorn: { version: '1.11.3', dailySnapshot: { at: '03:00', retain: 7 }, backupTarget },
  });

  expect(objectsOf(cluster, 'longhorn').map(({ spec }) => spec)).toEqual([
    expect.objectContaining({ task: 'snapshot' }),
  ]);
});

test('takes a snapshot of every volume each day, one volume at a time', () => {
  const [job, ...others] = objectsOf(homelab(), 'longhorn');

  expect(others).toEqual([]);
  expect(job).toEqual({
    apiVersion: 'longhorn.io/v1beta2',
    kind: 'RecurringJob',
    metadata: { name: 'daily-snapshot', namespace: 'longhorn-system' },
    spec: {
      name: 'daily-snapshot',
      task: 'snapshot',
      cron: '0 3 * * *',
      retain: 7,
      concurrency: 1,
      groups: ['default'],
    },
  });
});

test('backs every volume up where there is an S3 target', () => {
  const cluster = minimal({ longhorn: { version: '1.11.3', backupTarget: S3 } });

  expect(objectsOf(cluster, 'longhorn')).toEqual([
    expect.objectContaining({
      metadata: { name: 'daily-backup', namespace: 'longhorn-system' },
      spec: expect.objectContaining({ name: 'daily-backup', task: 'backup', cron: '0 4 * * *', retain: 14 }),
    }),
  ]);
});

test('names the excluded volumes and what keeps them out on every job, since Longhorn has no list of exceptions', () => {
  const cluster = minimal({
    longhorn: {
      version: '1.11.3',
      dailySnapshot: { at: '03:00', retain: 7 },
      backupTarget: S3,
      excludeVolumes: ['media/downloads', 'scratch'],
    },
  });

  const notes = objectsOf(cluster, 'longhorn').map(({ metadata }) => metadata.annotations);

  expect(notes).toHaveLength(2);
  for (const note of notes)
    expect(note?.['selfheal.dev/excluded-volumes']).toMatch(
      /^media\/downloads, scratch; kept out by the label recurring-job-group\.longhorn\.io\/left-out=enabled/,
    );
});

test('can be synced before Longhorn has brought its CRDs', () => {
  const application = objectsOf(homelab(), 'argocd').find(({ metadata }) => metadata.name === 'selfheal-longhorn');

  expect(application?.spec).toMatchObject({
    syncPolicy: { syncOptions: expect.arrayContaining(['SkipDryRunOnMissingResource=true']) },
  });
});

test('refuses a snapshot and a backup of the same name', () => {
  const longhorn = {
    version: '1.11.3',
    dailySnapshot: { at: '03:00', retain: 7, name: 'daily' },
    backupTarget: { ...S3, backup: { at: '04:00', retain: 14, name: 'daily' } },
  };

  expect(parseCluster({ ...MINIMAL_SPEC, longhorn })).toEqual({
    ok: false,
    issues: [
      {
        path: 'longhorn.backupTarget.backup.name',
        message: 'expected a name of its own, got "daily" which longhorn.dailySnapshot has',
      },
    ],
  });
});

import { describe, expect, test } from 'vitest';
import { longhornVolumesCovered } from '../../../src/guardrails/rules/longhorn-volumes-covered.js';
import { LEFT_OUT_LABEL } from '../../../src/layers/longhorn/excluded-volumes.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { minimal } from '../../support/clusters.js';
import { foundIn, helmApplication, manifest } from '../examples.js';

const LONGHORN = minimal({ longhorn: { version: '1.11.3', backupTarget: { kind: 'none' } } });
const EXCLUDING = minimal({
  longhorn: {
    version: '1.11.3',
    backupTarget: { kind: 'none' },
    excludeVolumes: ['tools/cache', 'tools/data-web-1', 'pvc-1'],
  },
});

const job = (name: string, task: string, ...groups: string[]) =>
  manifest('longhorn.io/v1beta2', 'RecurringJob', name, { spec: { task, groups } }, 'longhorn-system');
const SNAPSHOT = job('daily-snapshot', 'snapshot', 'default');
const BACKUP = job('daily-backup', 'backup', 'default');

const SOURCE = { 'recurring-job.longhorn.io/source': 'enabled' };
const group = (name: string, value = 'enabled') => ({ [`recurring-job-group.longhorn.io/${name}`]: value });
const labelled = (object: Manifest, labels: Readonly<Record<string, string>>): Manifest => ({
  ...object,
  metadata: { ...object.metadata, labels },
});
const claim = (labels: Readonly<Record<string, string>>, name = 'cache') =>
  labelled(manifest('v1', 'PersistentVolumeClaim', name), labels);
const volume = (labels: Readonly<Record<string, string>>) =>
  labelled(manifest('longhorn.io/v1beta2', 'Volume', 'pvc-1', {}, 'longhorn-system'), labels);
const storageClass = (recurringJobSelector: string, provisioner = 'driver.longhorn.io') =>
  manifest('storage.k8s.io/v1', 'StorageClass', 'fast', { provisioner, parameters: { recurringJobSelector } });
const statefulSet = (labels: Readonly<Record<string, string>>) =>
  manifest('apps/v1', 'StatefulSet', 'web', {
    spec: { volumeClaimTemplates: [{ metadata: { name: 'data', labels } }] },
  });
const chart = (values: Parameters<typeof helmApplication>[0]) =>
  helmApplication({}, { chart: 'longhorn', helm: { valuesObject: values } });

const found = (objects: readonly Manifest[], cluster = LONGHORN) => foundIn(longhornVolumesCovered, objects, cluster);

describe('longhorn-volumes-covered refuses', () => {
  test('a claim whose label takes its volume out of the default group', () => {
    expect(longhornVolumesCovered.severity).toBe('error');
    expect(found([SNAPSHOT, claim({ ...SOURCE, ...group('weekly') })])).toEqual([
      'PersistentVolumeClaim tools/cache: expected a recurring job that copies, got group "weekly"',
    ]);
  });

  test('a label that is switched off, which keeps the default group away all the same', () => {
    expect(found([SNAPSHOT, volume(group('default', 'disabled'))])).toEqual([
      'Volume longhorn-system/pvc-1: expected a recurring job that copies, got group "default" (not enabled)',
    ]);
  });

  test('a job of its own that only cleans up', () => {
    const trim = job('trim', 'filesystem-trim');

    expect(found([SNAPSHOT, trim, claim({ ...SOURCE, 'recurring-job.longhorn.io/trim': 'enabled' })])).toHaveLength(1);
  });

  test('a snapshot alone where volumes without labels are backed up, too', () => {
    const hourly = job('hourly', 'snapshot', 'media');

    expect(found([SNAPSHOT, BACKUP, hourly, claim({ ...SOURCE, ...group('media') })])).toEqual([
      'PersistentVolumeClaim tools/cache: expected a recurring job that backs up, as volumes without labels have, got group "media"',
    ]);
  });

  test('the template of claims', () => {
    expect(found([SNAPSHOT, statefulSet({ ...SOURCE, ...group('weekly') })])).toEqual([
      'StatefulSet tools/web, volumeClaimTemplate data: expected a recurring job that copies, got group "weekly"',
    ]);
  });

  test.each([
    ['a claim that is no source', claim(group('default')), 'PersistentVolumeClaim tools/cache'],
    [
      'a PersistentVolume',
      labelled(manifest('v1', 'PersistentVolume', 'pv'), group('default')),
      'PersistentVolume tools/pv',
    ],
  ])('labels that look as if they did something, on %s', (_, object, where) => {
    expect(found([SNAPSHOT, object])).toEqual([expect.stringMatching(`^${where}: expected no job labels \\(`)]);
  });

  test('a StorageClass whose selector names a job that nobody has, in an object and in values of the chart', () => {
    const selector = [{ name: 'backup', isGroup: false }];
    const values = { persistence: { recurringJobSelector: { enable: true, jobList: selector } } };

    expect(found([SNAPSHOT, storageClass(JSON.stringify(selector))])).toEqual([
      'StorageClass tools/fast: expected a recurring job that copies, got job "backup"',
    ]);
    expect(found([SNAPSHOT, chart(values)])).toEqual([
      'Application argocd/selfheal-monitoring, Helm values, persistence.recurringJobSelector: expected a recurring job that copies, got job "backup"',
    ]);
  });

  test.each(['daily', '{"name":"default"}', '[{"isGroup":true}]'])(
    'a selector that Longhorn cannot read: %s',
    (text) => {
      expect(found([SNAPSHOT, storageClass(text)])).toEqual([
        expect.stringContaining('expected a JSON list of { name, isGroup }'),
      ]);
    },
  );

  test('a class that leaves out whatever is made of it, also where volumes are excluded by name', () => {
    expect(found([SNAPSHOT, storageClass('[{"name":"left-out","isGroup":true}]')], EXCLUDING)).toHaveLength(1);
  });

  test('another claim than the one that is excluded', () => {
    const labels = { ...SOURCE, ...group('left-out') };

    expect(found([SNAPSHOT, claim(labels, 'cache-2')], EXCLUDING)).toHaveLength(1);
    expect(
      found([SNAPSHOT, { ...claim(labels), metadata: { name: 'cache', namespace: 'other', labels } }], EXCLUDING),
    ).toHaveLength(1);
  });

  test('a job in the group that excluded volumes are put into', () => {
    const [groupName] = LEFT_OUT_LABEL.split('/').slice(1);

    expect(groupName).toBe('left-out');
    expect(found([SNAPSHOT, job('all', 'backup', 'left-out')])).toEqual([
      expect.stringMatching(/^RecurringJob longhorn-system\/all: expected no job in the group "left-out"/),
    ]);
  });

  test('values of the chart that say something else of detached volumes than the description', () => {
    const values = { defaultSettings: { allowRecurringJobWhileVolumeDetached: false } };

    expect(found([SNAPSHOT, chart(values)])).toEqual([
      'Application argocd/selfheal-monitoring, Helm values, defaultSettings.allowRecurringJobWhileVolumeDetached: expected nothing, or what longhorn.detachedVolumes says ("include"), got false',
    ]);
  });
});

describe('longhorn-volumes-covered accepts', () => {
  test.each([
    ['a claim without labels', claim({})],
    ['a source without jobs of its own', claim(SOURCE)],
    ['the default group beside another', claim({ ...SOURCE, ...group('weekly'), ...group('default') })],
    ['a job of its own that backs up', claim({ ...SOURCE, 'recurring-job.longhorn.io/daily-backup': 'enabled' })],
    ['a class without a selector', storageClass('')],
    ['a class of the default group', storageClass('[{"name":"default","isGroup":true}]')],
    ['a class of another driver', storageClass('[{"name":"none","isGroup":true}]', 'rancher.io/local-path')],
    [
      'a selector in values that is off',
      chart({ persistence: { recurringJobSelector: { enable: false, jobList: [] } } }),
    ],
    ['values that say the same', chart({ defaultSettings: { allowRecurringJobWhileVolumeDetached: true } })],
    ['values of another chart', helmApplication({ defaultSettings: { allowRecurringJobWhileVolumeDetached: false } })],
  ])('%s', (_, object) => {
    expect(found([SNAPSHOT, BACKUP, object])).toEqual([]);
  });

  test.each([
    ['a claim', claim({ ...SOURCE, ...group('left-out') })],
    ['a volume', volume(group('left-out'))],
    ['a claim of a StatefulSet', statefulSet({ ...SOURCE, ...group('left-out') })],
  ])('%s that is excluded by name', (_, object) => {
    expect(found([SNAPSHOT, object])).toHaveLength(1);
    expect(found([SNAPSHOT, object], EXCLUDING)).toEqual([]);
  });

  test('anything in a cluster without Longhorn', () => {
    expect(found([claim({ ...SOURCE, ...group('weekly') })], minimal())).toEqual([]);
  });
});

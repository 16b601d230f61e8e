import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { homelab } from '../../support/clusters.js';
import { atticWith, BACKUP, containerOf, find, mirror, podOf, settingsOf, whole } from './backups.js';

const RUNS = ['nightly', 'nightly-offsite', 'nightly-drill'] as const;

test('sets no fsGroup, which would make the SSH key readable for a group', () => {
  for (const name of RUNS)
    expect(podOf(whole(), name).securityContext).toEqual({
      runAsUser: 0,
      runAsGroup: 0,
      seccompProfile: { type: 'RuntimeDefault' },
    });
});

test('gets neither a token nor the addresses of other services', () => {
  for (const name of RUNS)
    expect(podOf(whole(), name)).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
});

describe('what is mounted', () => {
  const writable = (name: string) =>
    containerOf(whole(), name)
      .volumeMounts.filter(({ readOnly }) => readOnly !== true)
      .map(({ mountPath }) => mountPath);

  test('can be read only, but for the notes of the run, the metrics and the scratch folder of the drill', () => {
    expect(writable('nightly')).toEqual(['/run/backup', '/textfile']);
    expect(writable('nightly-offsite')).toEqual(['/run/backup', '/textfile']);
    expect(writable('nightly-drill')).toEqual(['/run/backup', '/textfile', '/scratch']);
  });

  test('can be read only in the mirror form, all of it', () => {
    const mounts = containerOf(mirror()).volumeMounts;

    expect(mounts).toHaveLength(5);
    expect(mounts.filter(({ readOnly }) => readOnly !== true)).toEqual([]);
  });

  test('does not show the volumes to the drill', () => {
    const of = (name: string) => podOf(whole(), name).volumes.flatMap(({ hostPath }) => hostPath?.path ?? []);

    expect(of('nightly')).toContain('/var/lib/rancher/k3s/storage');
    expect(of('nightly-drill')).toEqual(['/usr', '/lib/x86_64-linux-gnu', '/var/lib/node-exporter/textfile']);
  });

  test('bounds what lies in memory and what the drill may fill', () => {
    const volumes = podOf(whole(), 'nightly-drill').volumes;

    expect(volumes).toContainEqual({ name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } });
    expect(volumes).toContainEqual({ name: 'scratch', emptyDir: { sizeLimit: '2Gi' } });
    expect(Number(settingsOf(whole(), 'nightly-drill').MAX_BYTES)).toBeLessThan(2 * 2 ** 30);
  });

  test('is of the Secret the one key, readable by its owner alone', () => {
    const keyOf = (name: string) => podOf(whole(), name).volumes.find((volume) => volume.name === 'ssh-key');

    expect(keyOf('nightly-drill')).toEqual({
      name: 'ssh-key',
      secret: { secretName: 'copy-key', defaultMode: 0o400, items: [{ key: 'private-key', path: 'id' }] },
    });
    expect(keyOf('nightly-offsite')).toMatchObject({ secret: { secretName: 'vault-key' } });
  });
});

describe('power', () => {
  const capabilities = (name: string) => containerOf(whole(), name).securityContext;
  const only = (...add: readonly string[]) => ({
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'], add },
  });

  test('of a copy is to read what belongs to others, and no more', () => {
    expect(capabilities('nightly')).toEqual(only('DAC_READ_SEARCH'));
    expect(capabilities('nightly-offsite')).toEqual(only('DAC_READ_SEARCH'));
    expect(containerOf(mirror()).securityContext).toEqual(only('DAC_READ_SEARCH'));
  });

  test('of the drill is what gives files back to their owners', () => {
    expect(capabilities('nightly-drill')).toEqual(only('CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'SETFCAP'));
  });
});

test('runs on the node whose volumes it copies, also where that is a tainted control plane', () => {
  for (const name of ['local-path-backup', 'local-path-backup-drill']) {
    expect(podOf(homelab(), name).nodeSelector).toEqual({ 'kubernetes.io/hostname': 'jarvis' });
    expect(podOf(homelab(), name).tolerations).toEqual([
      { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
    ]);
  }
});

test.each([
  ['arm64', homelab, '/lib/aarch64-linux-gnu', '/host-lib/ld-linux-aarch64.so.1'],
  ['amd64', () => atticWith({}), '/lib/x86_64-linux-gnu', '/host-lib/ld-linux-x86-64.so.2'],
] as const)("starts the host's programs through the host's dynamic linker: %s", (_, cluster, lib, linker) => {
  for (const name of ['local-path-backup', 'local-path-backup-drill']) {
    const paths = new Map(podOf(cluster(), name).volumes.map((volume) => [volume.name, volume.hostPath?.path]));

    expect(paths.get('host-usr')).toBe('/usr');
    expect(paths.get('host-lib')).toBe(lib);
    expect(settingsOf(cluster(), name)).toMatchObject({ LINKER: linker, LIBRARIES: `/host-lib:/host-usr${lib}` });
  }
});

describe('settings', () => {
  const placeOf = ({ to }: typeof BACKUP) => ({ HOST: to.host, USER: to.user, PATH: to.path, PORT: '22' });

  test('carry what the description says', () => {
    expect(settingsOf(whole(), 'nightly')).toMatchObject({
      ...placeOf(BACKUP),
      NAME: 'nightly',
      BANDWIDTH_LIMIT_KIB_PER_SECOND: '800',
      MAX_SHRINK_PERCENT: '30',
      EXCLUDE: 'media/cache:tmp/scratch',
      HOOKS: '/hooks',
    });
  });

  test('of the second place differ in the place, the name and the limit alone', () => {
    expect(settingsOf(whole(), 'nightly-offsite')).toEqual({
      ...settingsOf(whole(), 'nightly'),
      NAME: 'nightly-offsite',
      HOST: 'vault.example',
      USER: 'attic',
      PATH: '/vault',
      PORT: '2222',
      BANDWIDTH_LIMIT_KIB_PER_SECOND: '90',
      TIMEOUT_SECONDS: '16200',
    });
  });

  test('of the drill lead to the first place', () => {
    expect(settingsOf(whole(), 'nightly-drill')).toMatchObject({ ...placeOf(BACKUP), NAME: 'nightly-drill' });
  });

  test('that are empty are left out', () => {
    expect(Object.values(settingsOf(atticWith({})))).not.toContain('');
    expect(settingsOf(atticWith({}))).not.toHaveProperty('HOOKS');
  });

  const SCRIPTS = [
    ['backup.sh', () => settingsOf(whole(), 'nightly')],
    ['drill.sh', () => settingsOf(whole(), 'nightly-drill')],
    ['mirror.sh', () => settingsOf(mirror())],
  ] as const;

  test.each(SCRIPTS)('are those that the header of %s lists: every one that it requires, and no other', (name, of) => {
    const own = listedBy(name);
    const listed = [
      ...own,
      ...(own.some(({ line }) => line.includes('settings.sh lists')) ? listedBy('settings.sh') : []),
    ];
    const set = Object.keys(of());

    expect(listed.flatMap(({ required }) => required).length).toBeGreaterThan(8);
    expect(listed.flatMap(({ required }) => required).filter((each) => !set.includes(each))).toEqual([]);
    expect(set.filter((each) => !listed.some(({ names }) => names.includes(each)))).toEqual([]);
  });
});

/** The lines of a script's header with the variables that they name; those with a default may be left out. */
function listedBy(script: string) {
  const text = readFileSync(new URL(`../../../src/layers/backup/scripts/pod/${script}`, import.meta.url), 'utf8');
  const header = text.split('\n').filter((line) => line.startsWith('#'));
  const optional = header.findIndex((line) => line.startsWith('# Environment, optional'));
  const ends = text.split('\n').findIndex((line) => !line.startsWith('#'));
  return header.slice(0, ends).map((line, index) => {
    const names = [...line.matchAll(/LOCAL_PATH_BACKUP_(\w+)/g)].map(([, found = '']) => found);
    const mayMiss = line.includes('(default') || (optional !== -1 && index > optional);
    return { line, names, required: mayMiss ? [] : names };
  });
}

describe('time to end in', () => {
  test('is longer by what the hooks may take', () => {
    expect(podOf(whole(), 'nightly').terminationGracePeriodSeconds).toBe(30 + 45 + 30);
    expect(podOf(atticWith({})).terminationGracePeriodSeconds).toBe(30);
    expect(podOf(whole(), 'nightly-drill').terminationGracePeriodSeconds).toBe(30);
  });
});

test('each power over the host has its reason beside it', () => {
  const annotations = find(whole(), 'CronJob', 'nightly-drill').metadata.annotations ?? {};

  expect(annotations['privilege.selfheal.dev/drill.capability-setfcap']).toContain('file capabilities');
});

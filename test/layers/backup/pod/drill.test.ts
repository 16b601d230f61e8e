/** drill.sh under busybox with real rsync and the real far side; ssh is replaced by its forced command. */
import { execFileSync } from 'node:child_process';
import { lstatSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BackupStore, volumeName } from '../../../support/backup-store.js';
import { describeWith } from '../../../support/tools.js';

const HA = volumeName('home/ha', 1);
const MQTT = volumeName('home/mqtt', 2);
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn("SKIPPED what 'drill.sh' does as root: this is not root");
const as = isRoot ? test : test.skip;

let pod: BackupStore;
let runs = 0;
beforeEach(() => {
  pod = new BackupStore();
  runs = 0;
  pod.volume(HA, 3, 100);
  pod.volume(MQTT, 2);
});
afterEach(() => pod.end());

const NAME = 'local-path-backup-drill';
/** Each run has a pod of its own, and so a folder of notes of its own. */
const drill = (changed: Readonly<Record<string, string>> = {}) => {
  runs += 1;
  const own = { SCRATCH: pod.at('scratch'), RUN_FOLDER: pod.at(`run-${runs}`) };
  return pod.run('drill.sh', { NAME, MAX_BYTES: '1000000', ...own, ...changed });
};
const metric = (name: string, volume?: string): number | undefined => {
  const labels = `cronjob="${NAME}"${volume === undefined ? '' : `,volume="${volume}"`}`;
  const line = new RegExp(`^selfheal_backup_drill_${name}\\{${labels}\\} (\\d+)$`, 'm');
  const [, value] = line.exec(pod.read('textfile/selfheal_backup_local_path_backup_drill.prom')) ?? [];
  return value === undefined ? undefined : Number(value);
};
const list = (): string => execFileSync(pod.server, ['--folder', pod.at('backup'), 'list'], { encoding: 'utf8' });
/** Changes one byte of a backup, and nothing that a look at it would show. */
const damage = (path: string): void => {
  const { atime, mtime, size } = lstatSync(pod.at(path));
  writeFileSync(pod.at(path), 'y'.repeat(size));
  utimesSync(pod.at(path), atime, mtime);
};

describeWith(['busybox', 'rsync', 'flock'], 'drill.sh', () => {
  test.each([
    ['MAX_BYTES', '', 'a whole number from 1'],
    ['SCRATCH', 'scratch', 'an absolute path below /'],
    ['NAME', '', 'one word'],
    ['TIMEOUT_SECONDS', '0', 'a whole number from 1'],
  ])('refuses the setting %s=%j', async (name, value, expected) => {
    const { status, stderr } = await drill({ [name]: value });

    expect(stderr).toContain(`LOCAL_PATH_BACKUP_${name}: expected ${expected}`);
    expect(status).toBe(1);
  });

  test('has nothing to read back where there is no snapshot', async () => {
    const { status, stderr } = await drill();

    expect(stderr).toContain('nothing to read back: no snapshot has a volume of at most 1000000 bytes, 0 are larger');
    expect(status).toBe(2);
    expect(metric('last_status')).toBe(2);
    expect(metric('last_success_timestamp_seconds')).toBeUndefined();
  });

  test('does not read back what does not fit, and counts it', async () => {
    pod.snapshot();

    const { status, stderr } = await drill({ MAX_BYTES: '5' });

    expect(stderr).toContain('at most 5 bytes, 2 are larger');
    expect(status).toBe(2);
    expect(metric('too_large_volumes')).toBe(2);
  });

  test.each([
    ['is no folder', 'expected a folder, got none', () => pod.remove('scratch')],
    [
      'is on a network file system',
      'got a network file system (nfs4)',
      () => pod.mounts(`22 21 0:50 / ${pod.at('scratch')} rw - nfs4 nas:/x rw`),
    ],
    [
      'has a link where it would work',
      'expected a folder, got a symbolic link',
      () => symlinkSync('/etc', pod.at('scratch/selfheal-drill')),
    ],
  ])('refuses a scratch folder that %s', async (_, message, prepare) => {
    pod.snapshot();
    prepare();

    const { status, stderr } = await drill();

    expect(stderr).toContain(message);
    expect(status).toBe(2);
    expect(list()).not.toContain('\tok');
  });

  as('reads back each volume in turn, and the other side notes it', async () => {
    const name = pod.snapshot();

    const first = await drill();
    const halfway = metric('oldest_verified_timestamp_seconds');
    const half = [HA, MQTT].map((volume) => metric('volume_verified_timestamp_seconds', volume));
    const second = await drill();

    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout).toMatch(new RegExp(`${HA} of ${name} read back: 4 files, 300 bytes, equal to the manifest`));
    expect(second.stdout).toContain(`${MQTT} of ${name} read back: 3 files, 20 bytes`);
    expect(list().match(/\tok$/gm)).toHaveLength(2);
    expect(halfway).toBe(0);
    expect(half).toEqual([metric('volume_verified_timestamp_seconds', HA), 0]);
    expect(metric('volume_verified_timestamp_seconds', MQTT)).toBeGreaterThan(1_700_000_000);
    expect(metric('oldest_verified_timestamp_seconds')).toBeGreaterThan(1_700_000_000);
    expect(metric('last_success_timestamp_seconds')).toBeGreaterThan(1_700_000_000);
    expect(metric('last_status')).toBe(0);
    expect(metric('bytes')).toBe(20);
    expect(metric('too_large_volumes')).toBe(0);
  });

  as('says by 7, and to the other side, that a byte is another one', async () => {
    const name = pod.snapshot();
    await drill();
    const before = metric('last_success_timestamp_seconds');
    damage(`backup/snapshots/${name}/data/${MQTT}/file-1`);

    const { status, stderr } = await drill();

    expect(stderr).toContain(
      `${MQTT} of ${name} IS NOT WHAT WAS BACKED UP: 1 entries are not as the manifest says: "file-1"`,
    );
    expect(status).toBe(7);
    expect(list()).toMatch(new RegExp(`${MQTT}\t.*\tbad$`, 'm'));
    expect(metric('last_status')).toBe(7);
    expect([HA, MQTT].map((volume) => metric('volume_bad', volume))).toEqual([0, 1]);
    expect(metric('volume_verified_timestamp_seconds', MQTT)).toBe(0);
    expect(metric('last_success_timestamp_seconds')).toBe(before);
  });

  as('calls nothing bad that it could not read', async () => {
    pod.snapshot();
    pod.far(`case "$*" in *' manifest '*) exit 5 ;; esac`);

    const { status, stderr } = await drill();

    expect(stderr).toContain('failed: ');
    expect(stderr).toContain('the manifest could not be read');
    expect(status).toBe(4);
    expect(list()).not.toMatch(/\t(ok|bad)$/m);
    expect(metric('last_status')).toBe(4);
  });

  as('fails when the other side does not note what it found', async () => {
    pod.snapshot();
    pod.far(`case "$*" in *' verified '*) exit 5 ;; esac`);

    const { status, stderr } = await drill();

    expect(stderr).toContain('was found to be ok, but the other machine did not note it (status 5)');
    expect(status).toBe(4);
  });
});

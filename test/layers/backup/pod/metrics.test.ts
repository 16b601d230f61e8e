import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BackupPod } from '../../../support/backup-pod.js';
import { describeWith } from '../../../support/tools.js';

const FILE = 'textfile/selfheal_backup_local_path_backup.prom';

describeWith(['busybox', 'rsync', 'flock', 'promtool'], 'metrics.sh in backup.sh', () => {
  let pod: BackupPod;
  beforeEach(() => {
    pod = new BackupPod();
    pod.volume('pvc-1_home_ha', 3);
  });
  afterEach(() => pod.end());

  const value = (name: string): number | undefined => {
    const found = new RegExp(`^selfheal_backup_${name}\\{cronjob="local-path-backup"\\} (\\d+)$`, 'm').exec(
      pod.read(FILE),
    );
    return found?.[1] === undefined ? undefined : Number(found[1]);
  };

  test('tells a run that succeeded', async () => {
    const began = Math.floor(Date.now() / 1000);

    await pod.run('backup.sh');

    expect(value('last_success_timestamp_seconds')).toBeGreaterThanOrEqual(began);
    expect(value('last_run_timestamp_seconds')).toBe(value('last_success_timestamp_seconds'));
    expect(value('last_status')).toBe(0);
    expect(value('files')).toBe(4);
    expect(value('bytes')).toBe(30);
    expect(value('changed_files')).toBe(5);
    expect(value('sent_bytes')).toBeGreaterThan(0);
    expect(value('hooks_failed')).toBe(0);
    expect(value('server_free_bytes')).toBeGreaterThan(value('server_reserve_bytes') ?? Number.POSITIVE_INFINITY);
  });

  test('keeps the time of the last success, and what is known of it, when a run fails', async () => {
    await pod.run('backup.sh');
    pod.write(FILE, pod.read(FILE).replaceAll(/_timestamp_seconds(.*) \d+$/gm, '_timestamp_seconds$1 1700000000'));
    pod.far('exit 255');

    const { status } = await pod.run('backup.sh');

    expect(value('last_success_timestamp_seconds')).toBe(1_700_000_000);
    expect(value('last_run_timestamp_seconds')).toBeGreaterThan(1_700_000_000);
    expect(value('last_status')).toBe(status);
    expect(value('files')).toBe(4);
    expect(value('sent_bytes')).toBe(0);
    expect(pod.read(FILE)).toContain(
      'selfheal_backup_changing_files{cronjob="local-path-backup",volume="pvc-1_home_ha"} 0',
    );
  });

  test('tells no success where there never was one', async () => {
    pod.far('exit 255');

    await pod.run('backup.sh');

    expect(value('last_status')).toBe(4);
    expect(value('last_success_timestamp_seconds')).toBeUndefined();
  });

  test.each<[string, number, () => void, Readonly<Record<string, string>>]>([
    ['is refused', 2, () => pod.mounts(`30 21 0:40 / ${pod.home} rw - nfs4 far:/x rw`), {}],
    ['finds the node busy', 5, () => pod.load('99.00'), { PATIENCE_SECONDS: '1' }],
    ['finds another one under way', 3, () => pod.far('echo "@refused 3" >&2; exit 3'), {}],
    ['takes longer than it may', 4, () => pod.far('exec sleep 60'), { TIMEOUT_SECONDS: '1' }],
  ])('tells a run that %s', async (_, status, arrange, settings) => {
    arrange();

    await pod.run('backup.sh', settings);

    expect(value('last_status')).toBe(status);
  });

  test('counts a run as a success whose hook failed', async () => {
    pod.write('hooks/1-x/volume', 'home/gone');

    const { status } = await pod.run('backup.sh', { HOOKS: pod.at('hooks') });

    expect(status).toBe(6);
    expect(value('last_status')).toBe(6);
    expect(value('hooks_failed')).toBe(1);
    expect(value('last_success_timestamp_seconds')).toBe(value('last_run_timestamp_seconds'));
  });

  test('writes a file that Prometheus takes, that others may read, and nothing beside it', async () => {
    await pod.run('backup.sh');
    await pod.run('backup.sh');

    expect(execFileSync('promtool', ['check', 'metrics'], { input: pod.read(FILE), encoding: 'utf8' })).toBe('');
    expect(statSync(pod.at(FILE)).mode & 0o777).toBe(0o644);
    expect(readdirSync(pod.at('textfile'))).toEqual(['selfheal_backup_local_path_backup.prom']);
  });

  test('does not change the result when the file cannot be written', async () => {
    const { status, stderr } = await pod.run('backup.sh', { TEXTFILE_FOLDER: pod.at('nowhere') });

    expect(status).toBe(0);
    expect(stderr).toContain('expected to write the metrics there, got an error; the alerts do not see this run');
  });
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { BackupPod } from '../../../support/backup-pod.js';
import { describeWith } from '../../../support/tools.js';

describeWith(['busybox', 'rsync', 'flock'], 'settings.sh in backup.sh', () => {
  let pod: BackupPod;
  beforeEach(() => {
    pod = new BackupPod();
    pod.volume('pvc-1_home_ha', 1);
  });
  afterEach(() => pod.end());

  test.each([
    'NAME',
    'SOURCE',
    'USER',
    'HOST',
    'PORT',
    'PATH',
    'BANDWIDTH_LIMIT_KIB_PER_SECOND',
    'TIMEOUT_SECONDS',
    'KEY',
    'KNOWN_HOSTS',
    'MAX_SHRINK_PERCENT',
  ])('asks nobody for anything without LOCAL_PATH_BACKUP_%s', async (name) => {
    const unset = await pod.run('backup.sh', { [name]: undefined });
    const empty = await pod.run('backup.sh', { [name]: '' });

    for (const { status, stderr } of [unset, empty]) {
      expect(status).toBe(1);
      expect(stderr).toContain(`local-path-backup: LOCAL_PATH_BACKUP_${name}: expected`);
    }
    expect(pod.verbs).toEqual([]);
  });

  test.each([
    ['BANDWIDTH_LIMIT_KIB_PER_SECOND', '0', 'a whole number from 1'], // rsync takes it for "no limit"
    ['BANDWIDTH_LIMIT_KIB_PER_SECOND', '99999999999999999999', 'a whole number from 1'],
    ['PORT', '65536', 'a whole number from 1 to 65535'],
    ['MAX_SHRINK_PERCENT', '101', 'a whole number from 1 to 100'],
    ['MAX_SHRINK_PERCENT', '0', 'a whole number from 1 to 100'],
    ['NAME', 'a"} 1', 'one word'],
    ['NAME', 'a{b}', "the CronJob's name"],
    ['SOURCE', '/', 'an absolute path below /'],
    ['SOURCE', '/storage/', "an absolute path without '//', '.' and '..' and without '/' at its end"],
    ['SOURCE', '/storage/../etc', "an absolute path without '//', '.' and '..' and without '/' at its end"],
    ['USER', '-oProxyCommand=x', 'one word'],
    ['PATH', '/backup/*', 'one word'],
    ['RUN_FOLDER', '/nowhere', 'a folder that can be written to'],
    ['EXCLUDE', 'ha', 'namespace/claim'],
    ['EXCLUDE', 'home/ha:../etc/x', 'namespace/claim'],
    ['HOOKS', 'hooks', 'an absolute path below /'],
  ])('refuses %s=%j', async (name, value, expected) => {
    const { status, stderr } = await pod.run('backup.sh', { [name]: value });

    expect(status).toBe(1);
    expect(stderr).toContain(`LOCAL_PATH_BACKUP_${name}: expected ${expected}, got "`);
    expect(pod.verbs).toEqual([]);
  });

  test('takes empty for what it can do without', async () => {
    const { status } = await pod.run('backup.sh', { LINKER: '', EXCLUDE: '', HOOKS: '', TEXTFILE_FOLDER: '' });

    expect(status).toBe(0);
  });
});

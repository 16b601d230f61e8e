import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BackupPod } from '../../../support/backup-pod.js';
import { describeWith } from '../../../support/tools.js';

const HA = 'pvc-1_home_ha';

describeWith(['busybox', 'rsync', 'flock'], 'backup.sh', () => {
  let pod: BackupPod;
  beforeEach(() => {
    pod = new BackupPod();
    pod.volume(HA, 3);
  });
  afterEach(() => pod.end());

  const data = (snapshot: string | undefined, path: string): string =>
    pod.at(`backup/snapshots/${snapshot}/data/${HA}/${path}`);

  describe('copies nothing', () => {
    test.each(['rsync', 'ssh'])('when %s is not on the node', async (name) => {
      pod.remove(`bin/${name}`);

      const { status, stderr } = await pod.run('backup.sh');

      expect(stderr).toContain(`program '${name}': expected on the node`);
      expect(status).toBe(2);
      expect(pod.verbs).toEqual([]);
    });

    test.each(['id', 'known_hosts'])('when %s is empty', async (name) => {
      pod.write(name, '');

      const { status, stderr } = await pod.run('backup.sh');

      expect(stderr).toContain(`file '${pod.at(name)}': expected a key, got nothing`);
      expect(status).toBe(2);
      expect(pod.verbs).toEqual([]);
    });
  });

  describe('where nothing changed', () => {
    beforeEach(async () => {
      await pod.run('backup.sh');
      pod.write('ssh.log', '');
    });

    test('asks once, and makes no snapshot', async () => {
      const { status, stdout } = await pod.run('backup.sh');

      expect(stdout).toMatch(
        /^local-path-backup: nothing changed since \S+Z on keeper@ultron: 1 volume\(s\), 4 file\(s\), 30 bytes; in \d s\n$/,
      );
      expect(status).toBe(0);
      expect(pod.verbs).toEqual(['plan']);
      expect(pod.snapshots).toHaveLength(1);
    });

    test('but a mode, an owner, a time, a folder, a link, a second name, or a file is gone, makes a snapshot for each', async () => {
      const changes = [
        () => execFileSync('chmod', ['600', pod.at(`storage/${HA}/file-1`)]),
        () => execFileSync('chown', ['1883:1883', pod.at(`storage/${HA}/file-1`)]),
        () => execFileSync('touch', [pod.at(`storage/${HA}/file-1`)]),
        () => pod.folder(`storage/${HA}/new`),
        () => symlinkSync('file-1', pod.at(`storage/${HA}/link`)),
        () => linkSync(pod.at(`storage/${HA}/file-1`), pod.at(`storage/${HA}/second`)),
        () => pod.remove(`storage/${HA}/file-2`),
      ];
      for (const [done, change] of changes.entries()) {
        change();

        const { status, stderr } = await pod.run('backup.sh');

        expect({ status, stderr, snapshots: pod.snapshots.length }).toEqual({
          status: 0,
          stderr: '',
          snapshots: done + 2,
        });
      }
      expect((await pod.run('backup.sh')).stdout).toContain('nothing changed since');
    });
  });

  test('says in one line what it did, there and in the status of the pod', async () => {
    const { status, stdout, stderr } = await pod.run('backup.sh');

    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^local-path-backup: backed up as \S+Z on keeper@ultron: 1 volume\(s\), 4 file\(s\), 30 bytes; 5 change\(s\), \d+ bytes sent, 0 file\(s\) changed while they were read; in \d s\n$/,
    );
    expect(`local-path-backup: ${pod.read('termination-log')}`).toBe(stdout);
    expect(status).toBe(0);
    expect(pod.verbs).toEqual(['plan', 'receive', 'settle', 'publish']);
  });

  test('tells a failure in the status of the pod too, and makes no such file where there is none', async () => {
    await pod.run('backup.sh', { PORT: '0' });
    pod.remove('bin/ssh');
    await pod.run('backup.sh', { TERMINATION_LOG: pod.at('no-log') });

    expect(pod.read('termination-log')).toBe(
      'LOCAL_PATH_BACKUP_PORT: expected a whole number from 1 to 65535, got "0"\n',
    );
    expect(existsSync(pod.at('no-log'))).toBe(false);
  });

  test('shares with the snapshot before what did not change, and leaves that one as it was', async () => {
    await pod.run('backup.sh');
    pod.write(`storage/${HA}/file-1`, 'changed');
    await pod.run('backup.sh');

    const [first, second] = pod.snapshots;
    expect(statSync(data(first, 'file-2')).ino).toBe(statSync(data(second, 'file-2')).ino);
    expect(execFileSync('cat', [data(first, 'file-1')], { encoding: 'utf8' })).toBe('xxxxxxxxxx');
    expect(execFileSync('cat', [data(second, 'file-1')], { encoding: 'utf8' })).toBe('changed');
  });

  test('takes names that a shell would mind', async () => {
    for (const name of ['two\nlines', '-rf', '$(reboot)', ' blank ', '*deleting', 'back\\slash', 'Number of files: 9'])
      pod.write(`storage/${HA}/${name}`, name);

    const { status, stdout } = await pod.run('backup.sh');

    expect(status).toBe(0);
    expect(stdout).toContain(' 11 file(s)');
    expect(readdirSync(data(pod.snapshots[0], '.'))).toContain('two\nlines');
    expect((await pod.run('backup.sh')).stdout).toContain('nothing changed since');
  });

  test('never has rsync delete anything but in a dry run', async () => {
    await pod.run('backup.sh');

    const deleting = pod
      .read('ssh.log')
      .split('\n')
      .filter((line) => line.includes('--del'));
    expect(deleting).toHaveLength(1);
    expect(deleting[0]).toMatch(/ plan --server -n/);
  });

  test('has every transfer limited, in bandwidth and in silence', async () => {
    await pod.run('backup.sh', { BANDWIDTH_LIMIT_KIB_PER_SECOND: '4321' });

    const calls = pod
      .read('ssh.log')
      .split('\n')
      .filter((line) => line.includes(' --server '));
    expect(calls).toHaveLength(3);
    expect(calls.filter((line) => line.includes(' --bwlimit=4321 '))).toEqual(calls);
    expect(calls.filter((line) => line.includes(' --timeout=60 '))).toEqual(calls);
  });

  test.each(['receive', 'publish'])(
    'publishes nothing when the other machine fails at %s, and can be run again',
    async (verb) => {
      pod.far(`case "$*" in *' ${verb} '*) echo '@refused 5' >&2; exit 5 ;; esac`);
      const failed = await pod.run('backup.sh');
      const published = pod.snapshots;
      pod.far();

      const { status } = await pod.run('backup.sh');

      expect(failed.status).toBe(4);
      expect(published).toEqual([]);
      expect(status).toBe(0);
      expect(pod.snapshots).toHaveLength(1);
    },
  );

  test.each(['receive', 'publish'])('ends with 3 when another run is under way at %s', async (verb) => {
    pod.far(
      `case "$*" in *' ${verb} '*) echo 'selfheal-backup-server: busy' >&2; echo '@refused 3' >&2; exit 3 ;; esac`,
    );

    const { status, stderr } = await pod.run('backup.sh');

    expect(stderr).toMatch(/another run is under way on 'keeper@ultron': \w+: busy/);
    expect(status).toBe(3);
  });

  test.each([
    [3, 3],
    [4, 4],
    [1, 2],
  ])('takes the status of a program that publishes for its reason (%i)', async (theirs, ours) => {
    pod.far(`case "$*" in *' publish '*) exit ${theirs} ;; esac`);

    expect((await pod.run('backup.sh')).status).toBe(ours);
  });

  test('ends with 3 when another run has published since it compared', async () => {
    pod.far("set -- $(printf '%s ' \"$@\" | sed 's/ receive \\([^ ]*\\) - / receive \\1 2026-01-01T00-00-00Z /')");

    const { status, stderr } = await pod.run('backup.sh');

    expect(stderr).toContain("another run is under way on 'keeper@ultron': copying: base '2026-01-01T00-00-00Z'");
    expect(status).toBe(3);
    expect(pod.snapshots).toEqual([]);
  });

  test('sends nothing to a disk that is fuller than its reserve allows', async () => {
    pod.far('', '--reserve-percent 99');

    const { status, stderr } = await pod.run('backup.sh');

    expect(stderr).toMatch(
      /disk of 'keeper@ultron': expected room for \d+ bytes beside the reserve of \d+, got \d+ free/,
    );
    expect(status).toBe(4);
    expect(pod.verbs).not.toContain('receive');
  });

  test('counts as published what says so, whatever becomes of the connection', async () => {
    pod.far(`case "$*" in *' publish '*) echo 'published 2026-11-21T02-30-04Z 4 30'; exit 255 ;; esac`);

    const { status, stdout } = await pod.run('backup.sh');

    expect(status).toBe(0);
    expect(stdout).toContain('backed up as 2026-11-21T02-30-04Z');
  });
});

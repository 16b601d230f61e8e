import { appendFileSync, chmodSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { BackupPod } from '../../../support/backup-pod.js';
import { describeWith } from '../../../support/tools.js';

const VOLUME = 'pvc-1_home_ha';

/** The host's find, beside the host's rsync; the pod's own cannot print what is asked for. */
const FIND = '#!/bin/sh\nexec /usr/bin/find "$@"\n';

describeWith(['busybox', 'rsync', 'find', 'md5sum', 'flock'], 'the state of the source', () => {
  let pod: BackupPod;

  // One for all: each test begins where the newest snapshot has the state of the source.
  beforeAll(async () => {
    pod = new BackupPod();
    pod.program('bin/find', FIND);
    pod.program('bin/md5sum', '#!/bin/sh\nexec /usr/bin/md5sum "$@"\n');
    pod.volume(VOLUME, 3);
    const { status } = await backUp();
    expect(status).toBe(0);
  });
  beforeEach(() => {
    pod.program('bin/find', FIND);
    pod.far();
    pod.write('ssh.log', '');
  });
  afterAll(() => pod.end());

  const backUp = (changed = {}) => pod.run('backup.sh', { RSYNC: pod.at('bin/rsync'), ...changed });
  const file = (number: number) => pod.at(`storage/${VOLUME}/file-${number}`);

  test('is all that is asked about where nothing happened', async () => {
    const { status, stdout } = await backUp();

    expect({ status, verbs: pod.verbs }).toEqual({ status: 0, verbs: ['newest'] });
    expect(stdout).toMatch(/nothing changed since \S+ on keeper@ultron: 1 volume\(s\); in \d+ s\n$/);
    expect(pod.snapshots).toHaveLength(1);
    expect(pod.read('textfile/selfheal_backup_local_path_backup.prom')).toMatch(
      /selfheal_backup_server_free_bytes\{cronjob="local-path-backup"\} [1-9]\d+\n/,
    );
  });

  const CHANGES: readonly (readonly [string, () => void])[] = [
    ['a file grew', () => appendFileSync(file(1), 'x')],
    ['a file has another mode', () => chmodSync(file(1), 0o600)],
    ['a file has another name', () => renameSync(file(3), file(9))],
    [
      'a file has other bytes, and its size and time put back',
      () => {
        const { size, atime, mtime } = statSync(file(2));
        writeFileSync(file(2), 'y'.repeat(size));
        utimesSync(file(2), atime, mtime);
      },
    ],
  ];

  test.each(CHANGES)('does not hide that %s', async (_, change) => {
    change();

    const { status } = await backUp();

    expect(status).toBe(0);
    expect(pod.verbs.slice(0, 2)).toEqual(['newest', 'plan']);
  });

  test.each([
    ['the host has no find that can print it', '#!/bin/sh\nexit 1\n'],
    ['the list of files broke off', `${FIND.replace('exec ', '')}exit 1\n`],
  ])('is not trusted where %s', async (_, find) => {
    pod.program('bin/find', find);

    const { status } = await backUp();

    expect(status).toBe(0);
    expect(pod.verbs).toEqual(['plan']);
  });

  test('spares the second look at the far side where nothing happened while files were read', async () => {
    appendFileSync(file(1), 'x');

    await backUp();

    expect(pod.verbs).toEqual(['newest', 'plan', 'receive', 'publish']);
  });

  test('asks for the second look where a file changed while files were read', async () => {
    appendFileSync(file(1), 'x');
    pod.far(`case $* in *' receive '*) printf x >>${file(2)} ;; esac`);

    const { status } = await backUp();

    expect(status).toBe(0);
    expect(pod.verbs).toEqual(['newest', 'plan', 'receive', 'settle', 'publish']);
  });

  test('does not make an unknown server an unchanged source', async () => {
    pod.far('case $* in *newest*) exit 255 ;; esac');

    const { status, stderr } = await backUp();

    expect(status).toBe(4);
    expect(stderr).toContain('asking for the newest snapshot: no SSH connection');
  });

  test('leaves out what the backup leaves out, and does not hide that this changed', async () => {
    pod.volume('pvc-2_home_other', 1);
    await backUp({ EXCLUDE: 'home/other' });
    pod.write('ssh.log', '');
    appendFileSync(pod.at('storage/pvc-2_home_other/file-1'), 'x');

    await backUp({ EXCLUDE: 'home/other' });
    const verbs = [...pod.verbs];
    await backUp();

    expect(verbs).toEqual(['newest']);
    expect(pod.verbs.slice(0, 3)).toEqual(['newest', 'newest', 'plan']);
  });

  test('is not published by a run that could not tell it', async () => {
    pod.program('bin/find', '#!/bin/sh\nexit 1\n');
    appendFileSync(file(1), 'x');
    await backUp();
    pod.program('bin/find', FIND);
    pod.write('ssh.log', '');

    await backUp();

    expect(pod.verbs.slice(0, 2)).toEqual(['newest', 'plan']);
  });
});

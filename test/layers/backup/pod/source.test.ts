import { existsSync, renameSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BackupPod } from '../../../support/backup-pod.js';
import { describeWith } from '../../../support/tools.js';

describeWith(['busybox', 'rsync', 'flock'], 'source.sh in backup.sh', () => {
  let pod: BackupPod;
  beforeEach(() => {
    pod = new BackupPod();
  });
  afterEach(() => pod.end());

  const refused = async (reason: string) => {
    const { status, stderr } = await pod.run('backup.sh');

    expect(stderr).toContain(`source '${pod.at('storage')}': ${reason}`);
    expect(stderr).toContain('nothing was copied');
    expect(status).toBe(2);
    expect(pod.verbs).toEqual([]);
  };

  describe('refuses a source, and asks the other machine nothing,', () => {
    test.each<[string, () => void]>([
      ['is empty, like a disk that is not mounted', () => {}],
      ['is a fresh disk', () => pod.folder('storage/lost+found')],
      ['is another folder', () => pod.folder('storage/bin')],
      ['has a file where volumes should be', () => pod.write('storage/pvc-1', '')],
      ['has only links', () => symlinkSync('/etc', pod.at('storage/pvc-1'))],
    ])('when it %s', async (_, arrange) => {
      arrange();

      await refused('expected folders of volumes (*pvc-*), got none');
    });

    test('when it is missing', async () => {
      pod.remove('storage');

      await refused('expected a folder, got a link or nothing');
    });

    test('when it is a link to a folder with volumes', async () => {
      pod.volume('pvc-1_home_ha', 1);
      renameSync(pod.at('storage'), pod.at('elsewhere'));
      symlinkSync(pod.at('elsewhere'), pod.at('storage'));

      await refused('expected a folder, got a link or nothing');
    });

    test('when a volume is a mount of its own', async () => {
      pod.volume('pvc-1_home_ha', 1);
      const place = pod.at('storage/pvc-1_home_ha');
      pod.mounts(`30 21 0:40 / ${place} rw - nfs4 10.0.1.11:/x rw`);

      await refused(`expected no mount below it, got ${place} (nfs4)`);
    });

    test.each(['nfs', 'nfs4', 'cifs', 'smb3', '9p', 'ceph', 'fuse.sshfs'])('when it is on %s', async (type) => {
      pod.volume('pvc-1_home_ha', 1);
      pod.mounts(`30 21 0:40 / ${pod.home} rw shared:4 master:2 - ${type} far:/x rw`);

      await refused(`expected a disk of the node's own, got a file system of type ${type}`);
    });

    test('when a network file system was mounted over its disk', async () => {
      pod.volume('pvc-1_home_ha', 1);
      pod.mounts(
        `30 21 8:2 / ${pod.at('storage')} rw - ext4 /dev/sda2 rw`,
        `31 30 0:40 / ${pod.at('storage')} rw - nfs4 far:/x rw`,
      );

      await refused("expected a disk of the node's own, got a file system of type nfs4");
    });

    test('when the kernel does not say what is mounted', async () => {
      pod.volume('pvc-1_home_ha', 1);
      pod.remove('proc/self/mountinfo');

      const { status, stderr } = await pod.run('backup.sh');

      expect(status).toBe(2);
      expect(stderr).toContain("mountinfo': expected the kernel's list of mounts, got nothing");
    });

    test.each(['two words', '.hidden', 'ümlaut', '-rf'])('when a folder has the name %j', async (name) => {
      pod.volume('pvc-1_home_ha', 1);
      pod.folder(`storage/${name}`);

      await refused(`expected folders with names of letters, digits, '.', '_' and '-', got "${name}"`);
    });

    test('when every volume is left out', async () => {
      pod.volume('pvc-1_home_ha', 1);

      const { status, stderr } = await pod.run('backup.sh', { EXCLUDE: 'home/ha' });

      expect(status).toBe(2);
      expect(stderr).toContain('expected folders of volumes (*pvc-*), got none');
    });
  });

  test('does not mind mounts beside the source, or whose names only begin alike', async () => {
    pod.volume('pvc-1_home_ha', 1);
    pod.mounts(
      `30 21 8:2 / ${pod.at('storage')} rw - ext4 /dev/sda2 rw`,
      `31 21 0:40 / ${pod.at('storage')}-nfs rw - nfs4 far:/x rw`,
      `32 21 0:41 / ${pod.at('elsewhere')} rw - nfs4 far:/x rw`,
    );

    const { status } = await pod.run('backup.sh');

    expect(status).toBe(0);
  });

  const copied = (path: string): boolean =>
    existsSync(pod.at(`backup/snapshots/${pod.snapshots[0] ?? 'none'}/data/${path}`));

  test('leaves out the volumes that are named, in the words of both provisioners', async () => {
    const microk8s = 'home-cache-pvc-0b8f2a51-6a3e-4c2b-9d8e-5f1c7a9b3d2e';
    for (const name of ['pvc-1_home_ha', 'pvc-2_home_cache', microk8s, 'pvc-3_home_cache-2', 'pvc-4_a-home_cache'])
      pod.volume(name, 2);

    const { status, stdout } = await pod.run('backup.sh', { EXCLUDE: 'home/cache:home/gone' });

    expect(status).toBe(0);
    expect(stdout).toContain(' 3 volume(s), 9 file(s)');
    expect([copied('pvc-2_home_cache'), copied(microk8s)]).toEqual([false, false]);
    expect([copied('pvc-1_home_ha'), copied('pvc-3_home_cache-2'), copied('pvc-4_a-home_cache')]).toEqual([
      true,
      true,
      true,
    ]);
  });

  test('copies a folder with another name too, and not the lost and found of the disk', async () => {
    pod.volume('pvc-1_home_ha', 1);
    pod.volume('by-hand', 1);
    pod.volume('lost+found', 1);

    await pod.run('backup.sh');

    expect([copied('by-hand/file-1'), copied('lost+found')]).toEqual([true, false]);
  });
});

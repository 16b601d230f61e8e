/** The mirror form: one copy that is only added to, over an ordinary login. */
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../support/tools.js';
import { BackupPod } from './backup-pod.js';
import { BackupSite } from './backup-site.js';
import { noise } from './backup-tree.js';

const VOLUME = 'pvc-1_home_ha';

describeWith(['busybox', 'rsync', 'sshd', 'unshare', 'setpriv', 'ip'], 'the mirror to a real sshd', () => {
  let site: BackupSite;
  let pod: BackupPod;

  beforeEach(async () => {
    site = new BackupSite();
    site.authorize({ login: 'ordinary' });
    await site.start();
    pod = new BackupPod(site);
    mkdirSync(join(pod.source, VOLUME));
    put('secrets.yaml', 'token');
  });
  afterEach(async () => {
    await site.destroy();
    pod.destroy();
  });

  /** A file that only its owner, who is not root, may read. */
  function put(name: string, content: string | Buffer): void {
    const path = join(pod.source, VOLUME, name);
    writeFileSync(path, content);
    chownSync(path, 1883, 1883);
    chmodSync(path, 0o600);
  }

  const copied = (name: string): string => join(site.path, VOLUME, name);

  test('copies nothing to a machine whose key is not the pinned one', async () => {
    pod.pin('other');

    const { status, stderr } = await pod.run('mirror.sh');

    expect(status).toBe(4);
    expect(stderr).toContain('Host key verification failed');
    expect(stderr).toContain('or the host key is not the pinned one');
    expect(existsSync(copied('secrets.yaml'))).toBe(false);
  });

  test('copies nothing with a key that a group may read, as fsGroup would make it', async () => {
    pod.useKey('near', 0o440);

    const { status, stderr } = await pod.run('mirror.sh');

    expect(status).toBe(4);
    expect(stderr).toContain('UNPROTECTED PRIVATE KEY FILE');
    expect(existsSync(copied('secrets.yaml'))).toBe(false);
  });

  test('does not wait for a password when its key is not accepted', async () => {
    pod.useKey('other');

    const { status, stderr } = await pod.run('mirror.sh');

    expect(status).toBe(4);
    expect(stderr).toContain('Permission denied (publickey)');
  });

  test('fails cleanly when nobody answers', async () => {
    const { status, stderr } = await pod.run('mirror.sh', { settings: { PORT: 1 } });

    expect(status).toBe(4);
    expect(stderr).toContain('Connection refused');
  });

  test('cannot read the files of others without the one power that the pod has', async () => {
    const { status, stderr } = await pod.run('mirror.sh', { powers: [] });

    expect(status).toBe(4);
    expect(stderr).toContain('Permission denied (13)');
    expect(existsSync(copied('secrets.yaml'))).toBe(false);
  });

  test('copies files that only their owner may read, on a root that cannot be written', async () => {
    const { status, stdout, stderr } = await pod.run('mirror.sh');

    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/local-path-backup: copied 1 volume\(s\) to keeper@10\.77\.0\.3:.*\/backup\/ in \d+ s\n$/);
    expect(readFileSync(copied('secrets.yaml'), 'utf8')).toBe('token');
    expect(statSync(copied('secrets.yaml')).mode & 0o777).toBe(0o600);
  });

  test('transfers nothing the second time', async () => {
    await pod.run('mirror.sh');

    const { status, stdout } = await pod.run('mirror.sh');

    expect(status).toBe(0);
    expect(stdout).toContain('Number of regular files transferred: 0');
  });

  test('keeps in the copy what was deleted on the node', async () => {
    put('old.db', 'kept');
    await pod.run('mirror.sh');
    rmSync(join(pod.source, VOLUME, 'old.db'));

    const { status } = await pod.run('mirror.sh');

    expect(status).toBe(0);
    expect(readFileSync(copied('old.db'), 'utf8')).toBe('kept');
  });

  test('stays below its bandwidth limit', async () => {
    put('noise', noise(2048));
    const start = performance.now();

    const { status } = await pod.run('mirror.sh', { settings: { BANDWIDTH_LIMIT_KIB_PER_SECOND: 512 } });

    expect(status).toBe(0);
    expect(performance.now() - start).toBeGreaterThan(3_000);
  });

  test('stops when its time is over, and leaves no half file in the copy', async () => {
    put('noise', noise(2048));

    const { status, stderr } = await pod.run('mirror.sh', {
      settings: { BANDWIDTH_LIMIT_KIB_PER_SECOND: 100, TIMEOUT_SECONDS: 2 },
    });

    expect(status).toBe(4);
    expect(stderr).toContain('stopped, at the latest after 2 s');
    expect(existsSync(copied('noise'))).toBe(false);
  });
});

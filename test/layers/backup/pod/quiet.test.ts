import { afterEach, beforeEach, expect, test } from 'vitest';
import { BackupPod } from '../../../support/backup-pod.js';
import { describeWith } from '../../../support/tools.js';

describeWith(['busybox', 'rsync', 'flock'], 'quiet.sh in backup.sh', () => {
  let pod: BackupPod;
  beforeEach(() => {
    pod = new BackupPod();
    pod.volume('pvc-1_home_ha', 1);
    // What comes after the wait is no matter here.
    pod.far('exit 1');
  });
  afterEach(() => pod.end());

  test.each(['4.01', '4.08', '30.00'])('asks nobody while the load of a node with two cores is %s', async (load) => {
    pod.load(load);

    const { status, stderr } = await pod.run('backup.sh', { PATIENCE_SECONDS: '1' });

    expect(stderr).toMatch(
      new RegExp(`node: expected a load of at most 4 \\(two a core\\), got ${load} for \\d s; nothing was copied`),
    );
    expect(status).toBe(5);
    expect(pod.verbs).toEqual([]);
  });

  test.each(['0.00', '0.09', '3.99', '4.00'])('begins at once when it is %s', async (load) => {
    pod.load(load);

    await pod.run('backup.sh', { PATIENCE_SECONDS: '1' });

    expect(pod.verbs).toContain('plan');
  });

  test('begins when the node has become quiet', async () => {
    pod.load('9.00');
    const { ended } = pod.start('backup.sh', { PATIENCE_SECONDS: '2' });
    setTimeout(() => pod.load('1.00'), 700);
    const { stdout } = await ended;

    expect(stdout.match(/waiting for the node: expected a load of at most 4 .*, got 9\.00$/gm)).toHaveLength(1);
    expect(pod.verbs).toContain('plan');
  });

  test('can be stopped while it waits', async () => {
    pod.load('9.00');
    const { child, ended } = pod.start('backup.sh');
    setTimeout(() => child.kill('SIGTERM'), 500);

    const { status, stderr } = await ended;

    expect(stderr).toContain('failed: stopped by SIGTERM');
    expect(status).toBe(4);
  });
});

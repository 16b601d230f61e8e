import { afterEach, beforeEach, expect, test } from 'vitest';
import { BackupPod } from '../../../support/backup-pod.js';
import { describeWith } from '../../../support/tools.js';

const HA = 'pvc-1_home_ha';
const MQTT = 'pvc-2_home_mqtt';

describeWith(['busybox', 'rsync', 'flock'], 'transfer.sh in backup.sh', () => {
  let pod: BackupPod;
  beforeEach(() => {
    pod = new BackupPod();
    pod.volume(HA, 30);
    pod.volume(MQTT, 30);
  });
  afterEach(() => pod.end());

  /** Runs these lines in the source just before the far side is asked for this. */
  const before = (verb: string, lines: string): void =>
    pod.far(`case "$*" in *' ${verb} '*) cd ${pod.at('storage')} && { ${lines}; }; cd / ;; esac`);

  const notes = (): readonly string[] => pod.read(`backup/snapshots/${pod.snapshots[0]}/volumes`).trimEnd().split('\n');

  test('notes which files changed while they were read', async () => {
    before('settle', `echo more >>${HA}/file-1; echo new >${HA}/file-31; rm ${HA}/file-2`);

    const { status, stdout } = await pod.run('backup.sh');

    expect(status).toBe(0);
    expect(stdout).toContain('2 file(s) changed while they were read');
    expect(notes()).toEqual([`31 300 2 changing ${HA}`, `31 300 0 quiet ${MQTT}`]);
    expect(pod.read('textfile/selfheal_backup_local_path_backup.prom')).toContain(
      `selfheal_backup_changing_files{cronjob="local-path-backup",volume="${HA}"} 2\n`,
    );
  });

  test('publishes without that note when the second comparison fails', async () => {
    pod.far(`case "$*" in *' settle '*) exit 9 ;; esac`);

    const { status, stderr } = await pod.run('backup.sh');

    expect(status).toBe(0);
    expect(stderr).toContain('what changed meanwhile: expected to compare once more, got status');
    expect(notes()).toEqual([`31 300 ? unknown ${HA}`, `31 300 ? unknown ${MQTT}`]);
  });

  test('publishes nothing of a source that was unmounted after it was looked at', async () => {
    before('receive', `rm -r ${HA} ${MQTT}`);

    const { status, stderr } = await pod.run('backup.sh');

    expect(stderr).toContain('expected about 62 files, as a moment before, got ');
    expect(status).toBe(4);
    expect(pod.verbs).not.toContain('publish');
    expect(pod.snapshots).toEqual([]);
  });

  test('takes a file that was deleted while it was read for no failure', async () => {
    pod.remove('bin/rsync');
    // The list is made, then the file goes.
    pod.program('bin/rsync', '#!/bin/sh\n/usr/bin/rsync "$@" || exit\ncase "$*" in *" receive "*) exit 24 ;; esac\n');

    const { status } = await pod.run('backup.sh');

    expect(status).toBe(0);
    expect(pod.read('ssh.log')).toMatch(/ publish \S+ -\n/);
  });

  test.each([
    [23, 'some files cannot be read (status 23)'],
    [30, 'was silent for 60 s (status 30)'],
    [12, "the connection to 'keeper@ultron' broke off (status 12)"],
    [11, 'copying: status 11'],
  ])('publishes nothing when rsync ends with %i', async (theirs, reason) => {
    pod.remove('bin/rsync');
    pod.program(
      'bin/rsync',
      `#!/bin/sh\n/usr/bin/rsync "$@" || exit\ncase "$*" in *" receive "*) exit ${theirs} ;; esac\n`,
    );

    const { status, stderr } = await pod.run('backup.sh');

    expect(stderr).toContain(reason);
    expect(status).toBe(4);
    expect(pod.snapshots).toEqual([]);
  });
});

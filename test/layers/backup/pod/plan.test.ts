import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BackupPod, POD_SCRIPTS } from '../../../support/backup-pod.js';
import { describeWith } from '../../../support/tools.js';

const HA = 'pvc-1_home_ha';
const MQTT = 'pvc-2_home_mqtt';
/** Answers of the far side that are told by hand: the newest snapshot, and how much room there is. */
const facts = (words: Readonly<Record<string, string>>): string =>
  Object.entries(words)
    .map(([key, value]) => `echo '@${key} ${value}' >&2`)
    .join('; ');

describeWith(['busybox', 'rsync', 'flock'], 'plan.sh in backup.sh', () => {
  let pod: BackupPod;
  beforeEach(async () => {
    pod = new BackupPod();
    pod.volume(HA, 30);
    pod.volume(MQTT, 30);
  });
  afterEach(() => pod.end());

  const deleteFiles = (volume: string, from: number, to: number): void => {
    for (let number = from; number <= to; number++) pod.remove(`storage/${volume}/file-${number}`);
  };

  describe('refuses a source that lost too much', () => {
    const refused = async (lost: string) => {
      pod.write('ssh.log', '');

      const { status, stderr } = await pod.run('backup.sh');

      expect(status).toBe(2);
      expect(stderr).toContain(
        `expected at most 50 % less than in ${pod.snapshots[0]}, got ${lost}; nothing was copied`,
      );
      expect(pod.snapshots).toHaveLength(1);
      expect(pod.verbs).toEqual(['plan']);
    };

    test('in one volume, in all, and in one whose files were all deleted while another one grew', async () => {
      expect((await pod.run('backup.sh')).status).toBe(0);

      deleteFiles(HA, 1, 16);
      await refused(`files in ${HA}: 31, now 15`);

      deleteFiles(MQTT, 1, 16);
      await refused('files in all: 62, now 30');

      deleteFiles(HA, 17, 30);
      for (let number = 31; number <= 90; number++) pod.write(`storage/${MQTT}/file-${number}`, 'new');

      await refused(`files in ${HA}: 31, now 1`);
    });
  });

  describe('where a volume was found bad over there', () => {
    const SERVER = join(POD_SCRIPTS, '../server/selfheal-backup-server.sh');
    beforeEach(async () => {
      await pod.run('backup.sh');
      const [name = ''] = pod.snapshots;
      execFileSync(SERVER, ['--folder', pod.at('backup'), 'verified', name, HA, 'bad']);
      pod.write('ssh.log', '');
    });

    test('sends it anew though nothing changed here, once', async () => {
      const { status } = await pod.run('backup.sh');

      expect(status).toBe(0);
      expect(pod.read(`backup/snapshots/${pod.snapshots[1]}/snapshot`)).toContain(`unlinked ${HA}\n`);
      expect((await pod.run('backup.sh')).stdout).toContain('nothing changed since');
    });

    test('asks for room for that volume alone, and still refuses one that lost too much', async () => {
      await pod.run('backup.sh', { MAX_SHRINK_PERCENT: '100' });
      // 30 files of a block each beside 3 folders and their files' own sizes; the other volume needs none.
      expect(pod.read('ssh.log')).toMatch(/ receive \S+ \S+ 139564 /);

      pod.remove(`backup/snapshots/${pod.snapshots[1]}`);
      deleteFiles(HA, 1, 16);
      const { status, stderr } = await pod.run('backup.sh');

      expect(status).toBe(2);
      expect(stderr).toContain(`got files in ${HA}: 31, now 15; nothing was copied`);
    });
  });

  test('refuses a source that lost half of its bytes', async () => {
    pod.write(`storage/${HA}/home.db`, Buffer.alloc(30 * 1024 * 1024, 'x'));
    expect((await pod.run('backup.sh')).status).toBe(0);
    pod.write(`storage/${HA}/home.db`, '');

    const { status, stderr } = await pod.run('backup.sh');

    expect(status).toBe(2);
    expect(stderr).toContain('got bytes in all: 31457880, now 600; nothing was copied');
  });

  test('takes a volume that is gone for deleted', async () => {
    pod.volume('pvc-3_home_grafana', 12);
    await pod.run('backup.sh');
    pod.remove('storage/pvc-3_home_grafana');

    const { status } = await pod.run('backup.sh');

    expect(status).toBe(0);
    expect(pod.snapshots).toHaveLength(2);
  });

  test('counts a volume nowhere that is left out from now on', async () => {
    pod.volume('pvc-3_home_cache', 90);
    await pod.run('backup.sh');
    pod.write(`storage/${HA}/new`, 'new');

    const { status, stderr } = await pod.run('backup.sh', { EXCLUDE: 'home/cache' });

    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  test.each<[string, string, () => void]>([
    ['few files', '50', () => deleteFiles(HA, 1, 10)],
    ['less than it may', '60', () => deleteFiles(HA, 1, 16)],
    ['all, when it may', '100', () => deleteFiles(HA, 1, 30)],
  ])('goes on when the source lost %s', async (_, percent, lose) => {
    await pod.run('backup.sh');
    lose();

    const { status } = await pod.run('backup.sh', { MAX_SHRINK_PERCENT: percent });

    expect(status).toBe(0);
    expect(pod.snapshots).toHaveLength(2);
  });

  describe('sends nothing', () => {
    const room = { protocol: '1', base: '-', files: '0', bytes: '0', 'free-inodes': '900', 'reserve-inodes': '100' };

    /** The far side says this and compares with nothing. */
    const answering = (words: Readonly<Record<string, string>>): void =>
      pod.far(
        `case "$*" in *' plan '*) ${facts(words)}; exec /usr/bin/env rsync --server -nlHogtpAXrxSze.iLsfxCIvu --specials --log-format=%i --delete --numeric-ids . ${pod.at('empty')} ;; esac`,
      );

    test.each<[string, Readonly<Record<string, string>>, RegExp]>([
      [
        'bytes',
        { ...room, 'free-bytes': '300000', 'reserve-bytes': '200000' },
        /expected room for \d+ bytes beside the reserve of 200000, got 300000 free/,
      ],
      [
        'inodes',
        { ...room, 'free-bytes': '9000000', 'reserve-bytes': '1', 'free-inodes': '162' },
        /expected room for 63 inodes beside the reserve of 100, got 162 free/,
      ],
    ])('when the other disk has no room for its %s', async (_, words, reason) => {
      pod.folder('empty');
      answering(words);

      const { status, stderr } = await pod.run('backup.sh');

      expect(stderr).toMatch(reason);
      expect(status).toBe(4);
      expect(pod.verbs).toEqual(['plan']);
    });

    test('does not ask for inodes where the file system has no number of them', async () => {
      pod.folder('empty');
      answering({ ...room, 'free-bytes': '9000000', 'reserve-bytes': '1', 'free-inodes': '-', 'reserve-inodes': '-' });

      await pod.run('backup.sh');

      expect(pod.verbs.slice(0, 2)).toEqual(['plan', 'receive']);
    });

    test.each([
      ['2', 'expected protocol 1, got "2"'],
      ['', 'expected protocol 1, got ""'],
    ])('to a program of protocol %j', async (protocol, reason) => {
      pod.folder('empty');
      answering({ ...room, protocol, 'free-bytes': '9000000', 'reserve-bytes': '1' });

      const { status, stderr } = await pod.run('backup.sh');

      expect(stderr).toContain(reason);
      expect(status).toBe(2);
      expect(pod.verbs).toEqual(['plan']);
    });

    test('to a program that does not say how much room it has', async () => {
      pod.folder('empty');
      answering({ ...room, 'free-bytes': 'much', 'reserve-bytes': '1' });

      const { status, stderr } = await pod.run('backup.sh');

      expect(stderr).toContain("answer '@free-bytes' of 'keeper@ultron': expected a number, got \"much\"");
      expect(status).toBe(2);
    });
  });

  test.each([
    [1, 2, 'refused by'],
    [2, 2, 'refused by'],
    [3, 3, 'another run is under way on'],
    [4, 4, 'no room on'],
    [5, 4, 'failed on'],
  ])('ends, when the other program refuses with %i, with %i and its reason', async (theirs, ours, words) => {
    pod.far(`echo 'selfheal-backup-server: the reason' >&2; echo '@refused ${theirs}' >&2; exit ${theirs}`);

    const { status, stderr } = await pod.run('backup.sh');

    expect(stderr).toContain(`${words} 'keeper@ultron': comparing with the newest snapshot: the reason`);
    expect(status).toBe(ours);
  });

  test.each([
    [255, 4, 'no SSH connection to'],
    [127, 2, 'expected to be installed there'],
  ])('ends, when ssh ends with %i, with %i', async (theirs, ours, words) => {
    pod.far(`echo 'ssh said this' >&2; exit ${theirs}`);

    const { status, stderr } = await pod.run('backup.sh');

    expect(stderr).toContain(words);
    expect(stderr).toContain('ssh said this');
    expect(status).toBe(ours);
  });

  test('fails when a file cannot be read', async () => {
    pod.remove('bin/rsync');
    pod.program('bin/rsync', `#!/bin/sh\n${facts({ protocol: '1' })}\necho 'rsync: open failed' >&2\nexit 23\n`);

    const { status, stderr } = await pod.run('backup.sh');

    expect(stderr).toContain('some files cannot be read (status 23)');
    expect(status).toBe(4);
  });
});

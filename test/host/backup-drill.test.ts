/** The drill and the restore against a real sshd: what is equal, what was changed over there, and places without room. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/tools.js';
import { BACKUP_TOOLS, BackedUpNode } from './backed-up-node.js';
import { HARD, noise, PLAIN, plant } from './backup-tree.js';

const DRILL = 'local_path_backup_drill';
const LABEL = '{cronjob="local-path-backup-drill"}';

describeWith(BACKUP_TOOLS, 'reading back', () => {
  let node: BackedUpNode;

  beforeAll(async () => {
    node = await BackedUpNode.start((source) => {
      plant(source);
      writeFileSync(join(source, PLAIN, 'large'), noise(4096));
    });
  });
  afterAll(async () => {
    await node?.destroy();
  });

  const drill = (settings = {}) => node.pod.run('drill.sh', { settings });
  const verdicts = () =>
    node.site
      .server('list')
      .stdout.split('\n')
      .filter((line) => line.startsWith(`volume\t${node.site.newest}\t`))
      .map((line) => line.split('\t'))
      .map(([, , volume, , , , , , verdict]) => [volume, verdict]);
  const inPod = (...names: readonly string[]) => join(node.pod.root, ...names);

  test('finds nothing wrong with what is as it was backed up, one volume after the other', async () => {
    const first = await drill();
    const second = await drill();

    expect([first, second].map(({ status, stderr }) => ({ status, stderr }))).toEqual([
      { status: 0, stderr: '' },
      { status: 0, stderr: '' },
    ]);
    expect(verdicts()).toEqual([
      [HARD, 'ok'],
      [PLAIN, 'ok'],
    ]);
    const metrics = node.pod.metrics(DRILL);
    expect(metrics[`selfheal_backup_drill_last_status${LABEL}`]).toBe(0);
    expect(metrics[`selfheal_backup_drill_oldest_verified_timestamp_seconds${LABEL}`]).toBeGreaterThan(1_700_000_000);
  });

  test('does not begin to read back what does not fit into the scratch space', async () => {
    const scratch = inPod('scratch');
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', scratch]);

    const { status, stderr } = await drill();

    expect(readdirSync(scratch)).toEqual([]);
    execFileSync('umount', [scratch]);
    expect(status).toBe(2);
    expect(stderr).toContain('2 are larger');
    expect(node.pod.metrics(DRILL)[`selfheal_backup_drill_too_large_volumes${LABEL}`]).toBe(2);
  });

  test('leaves out a volume that is too large and reads back the other', async () => {
    const { status, stdout } = await drill({ MAX_BYTES: 6 << 20 });

    expect(status).toBe(0);
    expect(stdout).toContain(PLAIN);
    expect(node.pod.metrics(DRILL)[`selfheal_backup_drill_too_large_volumes${LABEL}`]).toBe(1);
  });

  test('does not restore into a place without room, or one that is in use, or a symlink', async () => {
    mkdirSync(inPod('restore/small'));
    mkdirSync(inPod('restore/used'));
    writeFileSync(inPod('restore/used/file'), 'of somebody');
    symlinkSync('used', inPod('restore/link'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', inPod('restore/small')]);
    const into = (place: string) =>
      node.pod.run('restore.sh', {
        settings: {
          LOCAL_PATH_RESTORE_VOLUME: PLAIN,
          LOCAL_PATH_RESTORE_INTO: `/restore/${place}`,
          LOCAL_PATH_RESTORE_APPLY: 'yes',
        },
      });

    const ends = [await into('small'), await into('used'), await into('link')];

    expect(readdirSync(inPod('restore/small'))).toEqual([]);
    execFileSync('umount', [inPod('restore/small')]);
    expect(readdirSync(inPod('restore/used'))).toEqual(['file']);
    expect(ends.map(({ status }) => status)).toEqual([2, 2, 2]);
    expect(ends.map(({ stderr }) => stderr.includes('nothing was written'))).toEqual([true, true, true]);
    for (const name of ['small', 'used', 'link']) rmSync(inPod('restore', name), { recursive: true });
  });

  test('writes nothing when only the plan is asked for', async () => {
    const { status, stdout } = await node.pod.run('restore.sh', {
      settings: { LOCAL_PATH_RESTORE_VOLUME: 'home/zigbee2mqtt', LOCAL_PATH_RESTORE_INTO: '/restore/planned' },
    });

    expect(status).toBe(0);
    expect(stdout).toContain(PLAIN);
    expect(stdout).toContain('nothing was written');
    expect(existsSync(inPod('restore/planned'))).toBe(false);
  });

  test('shows nothing of a volume before it was compared, and goes on where a restore was killed', async () => {
    const settings = {
      LOCAL_PATH_RESTORE_VOLUME: PLAIN,
      LOCAL_PATH_RESTORE_INTO: '/restore/killed',
      LOCAL_PATH_RESTORE_APPLY: 'yes',
    };
    const run = node.pod.start('restore.sh', { settings: { ...settings, BANDWIDTH_LIMIT_KIB_PER_SECOND: 1024 } });
    const partial = inPod('restore/killed/.selfheal-restore-partial/data');
    for (let attempt = 0; attempt < 100 && !(existsSync(partial) && readdirSync(partial).length > 0); attempt++)
      await sleep(50);
    await sleep(500);
    run.kill();
    await run.ended;
    expect(readdirSync(inPod('restore/killed'))).toEqual(['.selfheal-restore-partial']);

    const { status, stderr } = await node.pod.run('restore.sh', { settings });

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readdirSync(inPod('restore/killed')).sort()).toEqual(readdirSync(join(node.pod.source, PLAIN)).sort());
    rmSync(inPod('restore/killed'), { recursive: true });
    await node.expectLastGood();
  });

  test('finds a byte that changed over there, says so, and never calls it good again', async () => {
    const stored = node.site.stored(node.site.newest, `${PLAIN}/state-7.json`);
    const { mtimeMs, size } = statSync(stored);
    writeFileSync(stored, '{"n": 8}');
    utimesSync(stored, mtimeMs / 1000, mtimeMs / 1000);
    expect(statSync(stored).size).toBe(size);

    const ends = [await drill(), await drill()];

    expect(ends.map(({ status }) => status)).toEqual([0, 7]);
    const stderr = ends[1]?.stderr;
    expect(stderr).toContain(`${PLAIN} of ${node.site.newest} IS NOT WHAT WAS BACKED UP`);
    expect(stderr).toContain('state-7.json');
    expect(verdicts()).toContainEqual([PLAIN, 'bad']);
    expect(node.pod.metrics(DRILL)[`selfheal_backup_drill_last_status${LABEL}`]).toBe(7);
  });

  test('refuses to restore what is not equal to its manifest', async () => {
    const { status, stderr } = await node.pod.run('restore.sh', {
      settings: {
        LOCAL_PATH_RESTORE_SNAPSHOT: node.site.newest,
        LOCAL_PATH_RESTORE_VOLUME: PLAIN,
        LOCAL_PATH_RESTORE_INTO: '/restore/bad',
        LOCAL_PATH_RESTORE_APPLY: 'yes',
      },
    });

    expect(status).toBe(4);
    expect(stderr).toContain('state-7.json');
    expect(readdirSync(inPod('restore/bad'))).toEqual(['.selfheal-restore-partial']);
    rmSync(inPod('restore/bad'), { recursive: true });
  });

  test('sends a volume anew that was found bad, though nothing changed on the node, and that one is good', async () => {
    const bad = node.site.newest;

    await node.backUp();

    expect(node.site.newest).not.toBe(bad);
    await node.expectLastGood();
    expect((await drill()).stdout).toContain(PLAIN);
    expect(verdicts()).toContainEqual([PLAIN, 'ok']);
  });
});

/** A source that does not look like the node's volumes, and a far side without room: nothing is sent, nothing is lost. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { describeWith } from '../support/tools.js';
import { BACKUP_TOOLS, BackedUpNode } from './backed-up-node.js';
import { HARD, noise, PLAIN, plant } from './backup-tree.js';

describeWith(BACKUP_TOOLS, 'a backup that may not be made', () => {
  describe('since the source is not what it was', () => {
    let node: BackedUpNode;
    let aside: string;

    beforeAll(async () => {
      node = await BackedUpNode.start();
      aside = mkdtempSync(join(tmpdir(), 'aside-'));
    });
    afterAll(async () => {
      await node?.destroy();
      if (aside !== undefined) rmSync(aside, { recursive: true });
    });
    afterEach(async () => {
      await node.expectLastGood();
    });

    const at = (...names: readonly string[]) => join(node.pod.source, ...names);
    const move = (from: string, to: string, names: readonly string[]) => {
      for (const name of names) renameSync(join(from, name), join(to, name));
    };

    test('does not take an empty folder for a node without files', async () => {
      const volumes = readdirSync(node.pod.source);
      move(node.pod.source, aside, volumes);

      const { status, stderr } = await node.pod.run('backup.sh');

      move(aside, node.pod.source, volumes);
      expect(status).toBe(2);
      expect(stderr).toContain("source '/storage'");
    });

    test('does not replace a volume that lost most of its files', async () => {
      const states = readdirSync(at(PLAIN)).filter((name) => /[0-9]{2}/.test(name));
      move(at(PLAIN), aside, states);

      const { status, stderr } = await node.pod.run('backup.sh');

      move(aside, at(PLAIN), states);
      expect(status).toBe(2);
      expect(stderr).toMatch(/home\/zigbee2mqtt|zigbee2mqtt.*31.*11|50 ?%/);
      expect(node.pod.metrics()).toMatchObject({ 'selfheal_backup_last_status{cronjob="local-path-backup"}': 2 });
    });

    test('does not follow a mount below the source: a volume on another file system, even a network one', async () => {
      execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', at(PLAIN)]);
      writeFileSync(at(PLAIN, 'of another disk'), '');

      const { status, stderr } = await node.pod.run('backup.sh');

      execFileSync('umount', [at(PLAIN)]);
      expect(status).toBe(2);
      expect(stderr).toContain(PLAIN);
    });

    test('does not follow a bind mount in a volume either', async () => {
      mkdirSync(at(HARD, 'bound'));
      execFileSync('mount', ['--bind', '/etc', at(HARD, 'bound')]);

      const { status, stderr } = await node.pod.run('backup.sh');

      execFileSync('umount', [at(HARD, 'bound')]);
      rmSync(at(HARD, 'bound'), { recursive: true });
      expect(status).toBe(2);
      expect(stderr).toContain('bound');
    });

    test('does not start while the node has too much to do', async () => {
      node.pod.load(400);
      writeFileSync(at(PLAIN, 'new'), 'x');

      const { status, stderr } = await node.pod.run('backup.sh', { settings: { TIMEOUT_SECONDS: 3 } });

      node.pod.load(0.1);
      rmSync(at(PLAIN, 'new'));
      expect(status).toBe(5);
      expect(stderr).toContain('400');
    });

    test('makes one backup of two that are asked for at once, and says of the other that one is under way', async () => {
      writeFileSync(at(PLAIN, 'large'), noise(3072));
      const before = node.site.snapshots().length;
      const start = () => node.pod.start('backup.sh', { settings: { BANDWIDTH_LIMIT_KIB_PER_SECOND: 1024 } });

      const first = start();
      await sleep(1500);
      const second = start();
      const statuses = [(await first.ended).status, (await second.ended).status];

      // Whichever has the last word: the second may take over what the first has received and not yet published.
      expect(statuses.sort()).toEqual([0, 3]);
      expect(node.site.snapshots().length).toBe(before + 1);
      await node.backUp();
    });

    test('takes a volume that was deleted for deleted', async () => {
      rmSync(at(PLAIN), { recursive: true });

      await node.backUp();

      expect(readdirSync(node.site.stored(node.site.newest, ''))).toEqual([HARD]);
    });
  });

  describe('since the far side is full', () => {
    let node: BackedUpNode;

    beforeAll(async () => {
      node = await BackedUpNode.start(plant, (site) => {
        site.mountDisk(48, 700);
        site.authorize({ reservePercent: 10 });
      });
    });
    afterAll(async () => {
      await node?.destroy();
    });
    afterEach(async () => {
      rmSync(join(node.site.path, 'of another program'), { recursive: true, force: true });
      await node.expectLastGood();
    });

    const put = (name: string, kibibytes: number) =>
      writeFileSync(join(node.pod.source, PLAIN, name), noise(kibibytes));

    test('does not start what does not fit beside the reserve', async () => {
      put('too large', 40 * 1024);

      const { status, stderr } = await node.pod.run('backup.sh');

      rmSync(join(node.pod.source, PLAIN, 'too large'));
      expect(status).toBe(4);
      expect(stderr).toMatch(/free|room/);
      expect(readdirSync(join(node.site.path, 'work'))).not.toContain('incoming');
    });

    test('does not start without inodes', async () => {
      put('one more', 1);
      const other = join(node.site.path, 'of another program');
      mkdirSync(other);
      try {
        for (let index = 0; ; index++) writeFileSync(join(other, `${index}`), '');
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      }

      const { status, stderr } = await node.pod.run('backup.sh');

      expect(status).toBe(4);
      expect(stderr).toContain('inodes');
    });

    test('stops when another program fills the disk meanwhile', async () => {
      put('large', 12 * 1024);
      const run = node.pod.start('backup.sh', { settings: { BANDWIDTH_LIMIT_KIB_PER_SECOND: 1024 } });
      await sleep(2500);
      const free = statfsSync(node.site.path);
      const rest = free.bavail * free.bsize - (2 << 20);
      execFileSync('fallocate', ['-l', `${rest}`, join(node.site.path, 'of another program')]);

      const { status, stderr } = await run.ended;

      expect(status).toBe(4);
      expect(stderr).toMatch(/room|free|full/);
      expect(stderr).toContain('of the reserve');
    });

    test('makes the next backup as soon as there is room again', async () => {
      rmSync(join(node.pod.source, PLAIN, 'large'));

      await node.backUp();
    });
  });
});

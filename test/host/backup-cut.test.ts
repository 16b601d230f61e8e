/** A network that is cut midway: both ends notice by themselves, and the far side can be used again. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/tools.js';
import { BACKUP_TOOLS, BackedUpNode } from './backed-up-node.js';
import { noise, PLAIN } from './backup-tree.js';

/** The far side's rsync waits for 60 s; what holds its lock ends a little later. */
const FAR_SIDE_NOTICES_SECONDS = 80;

describeWith(BACKUP_TOOLS, 'a network that is cut midway', () => {
  let node: BackedUpNode;

  beforeAll(async () => {
    node = await BackedUpNode.start();
  });
  afterAll(async () => {
    await node?.destroy();
  });

  const locked = () => spawnSync('flock', ['-n', join(node.site.path, 'work/lock'), 'true']).status !== 0;

  async function until(what: string, holds: () => boolean, seconds: number): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    while (!holds()) {
      if (performance.now() > deadline) throw new Error(`far side: expected ${what} within ${seconds} s`);
      await sleep(50);
    }
  }

  test('ends the run, then frees the far side, and the next run succeeds', async () => {
    writeFileSync(join(node.pod.source, PLAIN, 'large'), noise(8192));
    const incoming = join(node.site.path, 'work/incoming/data', PLAIN);
    const run = node.pod.start('backup.sh', {
      settings: { BANDWIDTH_LIMIT_KIB_PER_SECOND: 1024, TIMEOUT_SECONDS: 12 },
    });
    await until(
      'a file on its way',
      () => existsSync(incoming) && readdirSync(incoming).some((name) => name.startsWith('.large')),
      10,
    );

    node.site.lan.pullCable('node');

    const { status } = await run.ended;
    expect(status).toBe(4);
    expect(locked()).toBe(true);
    await until('its lock to be free', () => !locked(), FAR_SIDE_NOTICES_SECONDS);
    node.site.lan.plugCable('node');
    await node.expectLastGood();
    await node.backUp();
    await node.expectLastGood();
  });
});

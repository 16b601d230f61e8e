/** Whatever breaks while a backup is made: it says so, publishes nothing, and the last good backup restores equal. */
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../support/tools.js';
import { BACKUP_TOOLS, BackedUpNode } from './backed-up-node.js';
import type { Running } from './backup-pod.js';
import { noise, PLAIN } from './backup-tree.js';

const SLOW = { BANDWIDTH_LIMIT_KIB_PER_SECOND: 1024 };

describeWith(BACKUP_TOOLS, 'a backup that is disturbed', () => {
  let node: BackedUpNode;

  beforeAll(async () => {
    node = await BackedUpNode.start();
  });
  afterAll(async () => {
    await node?.destroy();
  });

  /** There is something to copy: two files that arrive one after the other, and take some seconds. */
  beforeEach(() => {
    writeFileSync(join(node.pod.source, PLAIN, 'a-first'), noise(2048));
    writeFileSync(join(node.pod.source, PLAIN, 'b-second'), noise(4096));
  });

  afterEach(async () => {
    await node.expectLastGood();
  });

  const incoming = () => join(node.site.path, 'work/incoming/data', PLAIN);

  /** The first of the two files is there and the second is on its way. */
  async function midway(): Promise<void> {
    const under = (path: string) => (existsSync(path) ? readdirSync(path) : []);
    for (let attempt = 0; attempt < 200; attempt++) {
      const files = under(incoming());
      if (files.includes('a-first') && files.some((name) => name.startsWith('.b-second'))) return;
      await sleep(50);
    }
    throw new Error(`far side: expected the second file on its way within 10 s, got ${under(incoming()).join(', ')}`);
  }

  async function disturbed(how: (run: Running) => unknown) {
    const run = node.pod.start('backup.sh', { settings: SLOW });
    await midway();
    await how(run);
    return run.ended;
  }

  test('fails when nobody answers', async () => {
    await node.site.stop();

    const { status, stderr } = await node.pod.run('backup.sh');

    expect(status).toBe(4);
    expect(stderr).toContain('Connection refused');
    expect(node.pod.metrics()).toMatchObject({ 'selfheal_backup_last_status{cronjob="local-path-backup"}': 4 });
    await node.site.start();
  });

  test('sends nothing to a machine that shows another key', async () => {
    await node.site.stop();
    await node.site.start('other');

    const { status, stderr } = await node.pod.run('backup.sh');

    expect(status).toBe(4);
    expect(stderr).toContain('Host key verification failed');
    expect(existsSync(join(node.site.path, 'work/incoming'))).toBe(false);
    await node.site.stop();
    await node.site.start('server');
  });

  test('fails when its own key is not accepted', async () => {
    node.pod.useKey('other');

    const { status, stderr } = await node.pod.run('backup.sh');

    expect(status).toBe(4);
    expect(stderr).toContain('Permission denied (publickey)');
    node.pod.useKey('near');
  });

  test('leaves no snapshot when it is killed midway, and the next run sends only what was missing', async () => {
    const { status } = await disturbed((run) => run.kill());

    expect(status).not.toBe(0);
    await node.expectLastGood();
    await node.backUp();
    const { selfheal_backup_sent_bytes } = byName(node);
    expect(selfheal_backup_sent_bytes).toBeLessThan(4096 * 1024 * 1.2);
    expect(existsSync(join(node.site.path, 'work/partial'))).toBe(false);
  });

  test('ends in order when it is asked to stop', async () => {
    const { status, stderr } = await disturbed((run) => run.terminate());

    expect(status).toBe(4);
    expect(stderr).toContain('stopped by SIGTERM');
    expect(node.pod.lastWords).toContain('stopped by SIGTERM');
    await node.expectLastGood();
  });

  test('stops when its time is over', async () => {
    const start = performance.now();

    const { status } = await node.pod.run('backup.sh', {
      settings: { BANDWIDTH_LIMIT_KIB_PER_SECOND: 256, TIMEOUT_SECONDS: 5 },
    });

    expect(status).toBe(4);
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  test('fails when the other machine loses its power midway, and the next run succeeds', async () => {
    const { status, stderr } = await disturbed(() => node.site.stop());

    expect(status).toBe(4);
    expect(stderr).not.toBe('');
    await node.site.start();
    await node.expectLastGood();
    await node.backUp();
  });

  test('takes a file that vanishes while it is copied for no failure', async () => {
    const { status } = await disturbed(() => rmSync(join(node.pod.source, PLAIN, 'state-9.json'), { force: true }));

    expect(status).toBe(0);
    await node.backUp();
  });

  test('says of a volume that was written to meanwhile that it is only consistent as after a crash', async () => {
    const path = join(node.pod.source, PLAIN, 'b-second');

    const { status } = await disturbed(() => writeFileSync(path, noise(16), { flag: 'a' }));

    expect(status).toBe(0);
    const { stdout } = node.site.server('list');
    const line = stdout.split('\n').find((one) => one.includes(`\t${PLAIN}\t`));
    expect(line?.split('\t')[6]).toBe('changing');
    expect(statSync(path).size).toBe(4112 * 1024);
    await node.backUp();
  });
});

/** Samples without labels. */
const byName = (node: BackedUpNode): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(node.pod.metrics()).map(([name, value]) => [name.replace(/\{.*/, ''), value]));

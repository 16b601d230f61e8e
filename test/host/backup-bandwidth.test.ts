/** The bandwidth limit, measured: how fast bytes that no program can make smaller arrive, start and end left out. */
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/tools.js';
import { BACKUP_TOOLS, BackedUpNode } from './backed-up-node.js';
import type { Script } from './backup-pod.js';
import { noise, PLAIN } from './backup-tree.js';

const SECONDS = 6;

describeWith(BACKUP_TOOLS, 'the bandwidth limit', () => {
  let node: BackedUpNode;

  beforeAll(async () => {
    node = await BackedUpNode.start();
  });
  afterAll(async () => {
    await node?.destroy();
  });

  /** What has arrived of the large file: rsync writes it under a name of its own first. */
  function arrived(folder: string): number {
    try {
      const name = readdirSync(folder).find((entry) => entry.startsWith('.large.'));
      return name === undefined ? 0 : statSync(join(folder, name)).size;
    } catch {
      return 0; // not there yet, or renamed between the two looks
    }
  }

  /** KiB per second between a tenth and nine tenths of the file. */
  async function rate(script: Script, limit: number, folder: string): Promise<number> {
    const run = node.pod.start(script, { settings: { BANDWIDTH_LIMIT_KIB_PER_SECOND: limit } });
    const total = limit * SECONDS * 1024;
    const seen: { at: number; bytes: number }[] = [];
    let ended = false;
    void run.ended.then(() => {
      ended = true;
    });
    while (!ended) {
      const sample = { at: performance.now(), bytes: arrived(folder) };
      const last = seen.at(-1);
      // The instants at which something new is there: between them lie whole writes.
      if (sample.bytes > total * 0.1 && sample.bytes < total * 0.9 && sample.bytes !== last?.bytes) seen.push(sample);
      await sleep(10);
    }
    const { status, stderr } = await run.ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [first, last] = [seen[0], seen.at(-1)];
    if (first === undefined || last === undefined) throw new Error(`${folder}: expected the file to grow, saw nothing`);
    return (last.bytes - first.bytes) / 1024 / ((last.at - first.at) / 1000);
  }

  const large = (limit: number) => writeFileSync(join(node.pod.source, PLAIN, 'large'), noise(limit * SECONDS));

  // What other load on this machine takes away is not the limit's: the next try may be without it.
  const tries = { retry: 2 };

  test.each([1024, 5000])('holds a backup within five percent of %i KiB/s', tries, async (limit) => {
    large(limit);

    const measured = await rate('backup.sh', limit, join(node.site.path, 'work/incoming/data', PLAIN));

    expect(measured / limit).toBeGreaterThan(0.95);
    expect(measured / limit).toBeLessThan(1.05);
  });

  test('holds a drill within five percent of it too: there it is the far side that sends', tries, async () => {
    const limit = 5000;
    // The other volume was read back already.
    await node.pod.run('drill.sh');

    const measured = await rate('drill.sh', limit, join(node.pod.root, 'scratch/selfheal-drill/data'));

    expect(measured / limit).toBeGreaterThan(0.95);
    expect(measured / limit).toBeLessThan(1.05);
  });
});

/** Each power that the pods have is needed: taken away, the run fails. And they have no other. */
import { appendFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { homelab, objectsOf } from '../support/clusters.js';
import { describeWith } from '../support/tools.js';
import { BACKUP_TOOLS, BackedUpNode } from './backed-up-node.js';
import { POWERS } from './backup-pod.js';
import { HARD, PLAIN, plant } from './backup-tree.js';

describeWith(BACKUP_TOOLS, 'the powers of the pods', () => {
  let node: BackedUpNode;

  beforeAll(async () => {
    node = await BackedUpNode.start((source) => {
      plant(source);
      rmSync(join(source, PLAIN), { recursive: true });
    });
  });
  afterAll(async () => {
    await node?.destroy();
  });

  const restore = (into: string, powers?: readonly string[]) =>
    node.pod.run('restore.sh', {
      settings: {
        LOCAL_PATH_RESTORE_SNAPSHOT: node.site.newest,
        LOCAL_PATH_RESTORE_VOLUME: HARD,
        LOCAL_PATH_RESTORE_INTO: `/restore/${into}`,
        LOCAL_PATH_RESTORE_APPLY: 'yes',
      },
      ...(powers === undefined ? {} : { powers }),
    });

  test('are those that these tests give', () => {
    const pods = objectsOf(homelab(), 'local-path-backup').filter(({ kind }) => kind === 'CronJob');
    const powers = pods.map((object) => {
      const text = JSON.stringify(object);
      const script = /"\/scripts\/(\w+\.sh)"/.exec(text)?.[1];
      const added = /"add":\[([^\]]*)\]/.exec(text)?.[1] ?? '';
      return [script, added.replaceAll('"', '').toLowerCase().split(',')];
    });

    expect(powers).toContainEqual(['backup.sh', POWERS['backup.sh']]);
    expect(powers).toContainEqual(['drill.sh', POWERS['drill.sh']]);
  });

  test('are not enough for a backup without dac_read_search, which fails and publishes nothing', async () => {
    const before = node.site.snapshots();
    appendFileSync(join(node.pod.source, HARD, 'secrets.yaml'), 'more');

    const { status, stderr } = await node.pod.run('backup.sh', { powers: [] });

    expect([2, 4]).toContain(status);
    expect(stderr).toContain('Permission denied');
    expect(node.site.snapshots()).toEqual(before);
  });

  test.each(POWERS['drill.sh'])('are not enough for a drill or a restore without %s', async (missing) => {
    const verdicts = join(node.site.path, 'snapshots', node.site.newest, 'verified');
    for (const verdict of readdirSync(verdicts)) rmSync(join(verdicts, verdict));
    const powers = POWERS['drill.sh'].filter((power) => power !== missing);

    const drilled = await node.pod.run('drill.sh', { powers });
    const restored = await restore(missing, powers);

    expect([4, 7]).toContain(drilled.status);
    expect(restored.status).toBe(4);
  });

  test('are enough for a drill and a restore', async () => {
    const verdicts = join(node.site.path, 'snapshots', node.site.newest, 'verified');
    for (const verdict of readdirSync(verdicts)) rmSync(join(verdicts, verdict));

    const drilled = await node.pod.run('drill.sh');
    const restored = await restore('all');

    expect([drilled.stderr, restored.stderr]).toEqual(['', '']);
    expect([drilled.status, restored.status]).toEqual([0, 0]);
  });
});

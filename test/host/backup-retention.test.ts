/** What the far side keeps, by its own rules and its own clock: forty nights, and clocks that are stepped. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../support/tools.js';
import { BACKUP_TOOLS, BackedUpNode } from './backed-up-node.js';
import { ACCOUNT } from './backup-site.js';

const VOLUME = 'pvc-1_home_ha';
const DAY = 86_400;
const MINUTE = 60;

describeWith(BACKUP_TOOLS, 'retention at the far side', () => {
  let node: BackedUpNode;
  let run = 0;

  beforeEach(async () => {
    node = await BackedUpNode.start((source) => {
      spawnSync('mkdir', [join(source, VOLUME)]);
      writeFileSync(join(source, VOLUME, 'state'), 'first');
    });
  });
  afterEach(async () => {
    await node?.expectLastGood();
    await node?.destroy();
  });

  /** A night on which something had changed; the far side takes it for the given one. */
  async function night(clock: string, account: object = {}): Promise<void> {
    writeFileSync(join(node.pod.source, VOLUME, 'state'), `of run ${run++}`);
    node.site.authorize({ clock, ...account });
    await node.backUp();
  }

  const numbers = () => node.site.snapshots().map((name) => Number(node.site.facts(name).number));
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

  /** As if it had been taken so many days earlier than it was; nothing but its facts tells the time. */
  function backdate(name: string, days: number): void {
    const path = join(node.site.path, 'snapshots', name, 'snapshot');
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace(/^epoch (\d+)$/m, (_, epoch) => `epoch ${epoch - days * DAY}`),
    );
  }

  /**
   * Forty nights, of which the first is the snapshot that there is: copies of it, each a day younger and with a number of its own; the
   * last is a day and a minute old, so that it does not matter how long a night takes.
   */
  function fortyNights(): void {
    const script = `
      cd "$1/snapshots" && first=$(ls) && now=$(($(date +%s) - ${MINUTE}))
      for number in $(seq 2 40); do
        name=$(date -u -d "@$((now - (41 - number) * ${DAY}))" +%Y-%m-%dT%H-%M-%SZ)
        cp -al "$first" "$name" && rm "$name/snapshot"
        sed "s/^number .*/number $number/; s/^epoch .*/epoch $((now - (41 - number) * ${DAY}))/" "$first/snapshot" >"$name/snapshot"
      done
      sed -i "s/^epoch .*/epoch $((now - 41 * ${DAY}))/" "$first/snapshot"
      chown -R ${ACCOUNT.id}:${ACCOUNT.id} .`;
    const { status, stderr } = spawnSync('bash', ['-euc', script, 'bash', node.site.path], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  }

  test('removes of forty nights what is beyond both the number and the days', async () => {
    fortyNights();

    await night('+0');

    // The 41st is the newest. Number 10 was replaced as the newest state by number 11, 30 days ago.
    expect(numbers()).toEqual(range(11, 41));
  });

  test('removes at most ten in one night, and the rest in the next ones', async () => {
    fortyNights();

    await night('+0', { snapshots: 5, days: 3 });
    expect(numbers()).toEqual(range(11, 41));
    await night('+0', { snapshots: 5, days: 3 });
    expect(numbers()).toEqual(range(21, 42));
    for (let again = 0; again < 2; again++) await night('+0', { snapshots: 5, days: 3 });

    // Number 37 was replaced by number 38, three days ago.
    expect(numbers()).toEqual(range(38, 44));
  });

  test('keeps the number, however old they are: a node that was away for a year loses nothing', async () => {
    for (const name of node.site.snapshots()) backdate(name, 400);
    for (let again = 0; again < 3; again++) await night('+0');
    for (const name of node.site.snapshots()) backdate(name, 400);

    await night('+0');

    expect(numbers()).toEqual(range(1, 5));
  });

  test('keeps the number when its clock jumps ahead by years, and goes on when it is set back', async () => {
    for (let again = 0; again < 4; again++) await night('+0');
    await night('+3650d', { snapshots: 3, days: 30 });
    expect(numbers()).toEqual([4, 5, 6]);

    await night('-3650d', { snapshots: 3, days: 30 });

    const [newest = ''] = node.site.snapshots().slice(-1);
    expect(numbers()).toEqual([4, 5, 6, 7]);
    expect(newest < (node.site.snapshots()[0] ?? '')).toBe(true);
    await node.expectLastGood();
    await night('+0', { snapshots: 3, days: 30 });
    expect(numbers().at(-1)).toBe(8);
  });

  test('gives two snapshots of one second two names', async () => {
    await night('@2026-11-21 02:30:04');
    await night('@2026-11-21 02:30:04');

    const names = node.site.snapshots().slice(-2);

    expect(names[1]).toMatch(/^2026-11-21T02-30-\d\dZ(-2)?$/);
    expect(new Set(names).size).toBe(2);
  });

  test('never removes the newest one that was read back and found equal', async () => {
    fortyNights();
    const [first = ''] = node.site.snapshots();
    expect(node.site.server('verified', first, VOLUME, 'ok').status).toBe(0);

    await night('+0');

    expect(numbers()).toEqual([1, ...range(11, 41)]);
  });
});

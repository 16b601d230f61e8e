/** The timer form of v3 by a real systemd timer. Needs root, systemd-nspawn, a static busybox and flock. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { minimal } from '../support/clusters.js';
import { describeWith } from '../support/tools.js';
import { KernelLog } from './kernel-log.js';
import { WatchedNode } from './watched-node.js';

const SERVICE = 'rcu-stall-watchdog.service';
const TIMER = 'rcu-stall-watchdog.timer';
const THRESHOLD = 5;

const CLUSTER = minimal({
  hosts: [
    {
      nodes: ['lamp'],
      rcuWatchdog: {
        form: 'timer',
        burst: { stalls: THRESHOLD, within: '2min' },
        startupGrace: '1min',
        checkEvery: '10s',
      },
    },
  ],
});

describeWith(['systemd-nspawn', 'busybox', 'flock'], "the watchdog in v3's timer form", () => {
  let log: KernelLog;
  let node: WatchedNode;

  beforeAll(async () => {
    log = await KernelLog.take();
    log.quiet();
    node = new WatchedNode(CLUSTER, 'lamp');
    await node.start();
  });

  afterAll(async () => {
    await node?.destroy();
    log?.release();
  });

  test('each look that finds nothing leaves the machine alone, and says so', async () => {
    expect(node.machine.run('systemctl', 'is-active', TIMER).stdout).toBe('active\n');
    // Its own looks would be counted too.
    node.machine.run('systemctl', 'stop', TIMER);
    const said = () =>
      node.machine.run('journalctl', '-t', 'rcu-stall-watchdog', '-o', 'cat').stdout.match(/left alone/g)?.length ?? 0;
    const before = said();

    const looks = [1, 2, 3].map(() => node.machine.run('systemctl', 'start', SERVICE).status);

    expect(looks).toEqual([0, 0, 0]);
    await expect.poll(said, { timeout: 20_000 }).toBe(before + 3);
    expect(node.machine.run('systemctl', 'start', TIMER).status).toBe(0);
  });

  test('the next look counts lines, of one grace period too, and reboots the machine', async () => {
    log.stalls(THRESHOLD, 77);

    expect(await node.machine.goneDown(60)).toBe(133);
    expect(node.machine.read('/var/lib/selfheal/rcu-watchdog/ledger')).toMatch(/^1 1 /);
  });
});

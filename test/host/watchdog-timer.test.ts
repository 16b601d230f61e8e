/** The timer form of v3 by a real systemd timer. Needs root, systemd-nspawn, a static busybox and flock. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rcuWatchdog } from '../../src/layers/rcu-watchdog/index.js';
import { minimal } from '../support/clusters.js';
import { describeWith } from '../support/tools.js';
import { BootstrapPod } from './bootstrap-pod.js';
import { KernelLog } from './kernel-log.js';
import { Machine } from './machine.js';

const SERVICE = 'rcu-stall-watchdog.service';
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
  let machine: Machine;
  let pod: BootstrapPod;

  beforeAll(async () => {
    log = await KernelLog.take();
    log.quiet();
    machine = new Machine({ kernelLog: true });
    machine.write('/etc/hostname', 'lamp\n');
    machine.write('/boot/firmware/current/cmdline.txt', 'root=LABEL=writable\n');
    await machine.boot();
    pod = new BootstrapPod(machine);
    const [group] = CLUSTER.hosts;
    const { status } = pod.converge((group && rcuWatchdog.hostState?.(CLUSTER, group)) ?? {});
    expect(status).toBe(0);
  }, 300_000);

  afterAll(async () => {
    await machine?.destroy();
    await pod?.destroy();
    log?.release();
  }, 60_000);

  test('a look that finds nothing leaves the machine alone', () => {
    const { status } = machine.run('systemctl', 'start', SERVICE);

    expect(status).toBe(0);
    expect(machine.run('systemctl', 'is-active', 'rcu-stall-watchdog.timer').stdout).toBe('active\n');
    expect(machine.run('journalctl', '-t', 'rcu-stall-watchdog', '-o', 'cat').stdout).toMatch(/left alone/);
  });

  test('the next look counts lines, of one grace period too, and reboots the machine', async () => {
    log.stalls(THRESHOLD, 77);

    expect(await machine.goneDown(60)).toBe(133);
    expect(machine.read('/var/lib/selfheal/rcu-watchdog/ledger')).toMatch(/^1 1 /);
  });
});

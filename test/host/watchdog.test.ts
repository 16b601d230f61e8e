/**
 * The watchdog on a machine with a real systemd and the real kernel log, brought there by node-bootstrap. Needs root,
 * systemd-nspawn, a static busybox, flock and libfaketime.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RcuWatchdogSpec } from '../../src/cluster/spec/rcu-watchdog.js';
import { minimal } from '../support/clusters.js';
import { describeWith } from '../support/tools.js';
import { KernelLog } from './kernel-log.js';
import type { Machine } from './machine.js';
import { WatchedNode } from './watched-node.js';

const THRESHOLD = 5;
const STATE = '/var/lib/selfheal/rcu-watchdog';
const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
const REBOOTED = 133;
const SECONDS = 20;

/** The machine has this machine's uptime: longer than the start-up grace, shorter than what restores the budget. */
const WATCHDOG: RcuWatchdogSpec = {
  burst: { stalls: THRESHOLD, within: '2min' },
  sustained: { stalls: THRESHOLD * 10, within: '15min' },
  startupGrace: '1min',
  maxRebootsInARow: 2,
  healthyAfter: '7d',
  blackHole: 'off',
};

describeWith(['systemd-nspawn', 'busybox', 'flock', 'faketime'], 'the watchdog on a real machine', () => {
  let log: KernelLog;
  let node: WatchedNode;
  let machine: Machine;

  beforeAll(async () => {
    log = await KernelLog.take();
    log.quiet();
    const cluster = minimal({ hosts: [{ nodes: ['lamp'], rcuWatchdog: WATCHDOG }] });
    node = new WatchedNode(cluster, 'lamp', { flags: [`--bind-ro=${FAKETIME}:/usr/local/lib/libfaketime.so.1`] });
    machine = node.machine;
    // Its clock is what stands in this file.
    machine.write('/var/clock', '+0\n');
    machine.write(
      '/etc/systemd/system/rcu-stall-watchdog.service.d/clock.conf',
      [
        '[Service]',
        'Environment=LD_PRELOAD=/usr/local/lib/libfaketime.so.1 FAKETIME_TIMESTAMP_FILE=/var/clock FAKETIME_NO_CACHE=1',
        'Environment=FAKETIME_DONT_FAKE_MONOTONIC=1',
        '',
      ].join('\n'),
    );
    await node.start();
    await node.listening();
  });

  afterAll(async () => {
    await node?.destroy();
    log?.release();
  });

  const status = () => node.status();

  async function upAgain(): Promise<void> {
    log.quiet(); // a real kernel would begin with an empty ring
    await machine.boot();
    await node.listening();
  }

  test('leaves the machine alone while one grace period prints header after header', async () => {
    log.stalls(30, 481);

    await sleep(22_000);
    const { stdout } = status();

    expect(stdout).toMatch(new RegExp(`burst.* 1 of ${THRESHOLD}`));
    expect(machine.init).toBeDefined();
  });

  test('does not take a step of the clock by years, in either direction, for a window', async () => {
    log.stalls(THRESHOLD - 2);
    machine.write('/var/clock', '+3y\n');
    await sleep(21_000);
    expect(status().stdout).toMatch(new RegExp(`burst.* ${THRESHOLD - 1} of ${THRESHOLD}`));

    machine.write('/var/clock', '-20y\n');
    log.stalls(1);

    expect(await machine.goneDown(SECONDS)).toBe(REBOOTED);
    machine.write('/var/clock', '+0\n');
  });

  test('comes back by itself with the evidence, one reboot less, and nothing counted twice', async () => {
    await upAgain();

    const [evidence] = readdirSync(join(machine.root, STATE, 'evidence'));
    const report = machine.read(`${STATE}/evidence/${evidence}`);

    expect(report).toMatch(/^reason: path burst/);
    expect(report).toContain('s: 481 root');
    expect(machine.read(`${STATE}/ledger`)).toMatch(/^1 1 /);
    expect(status().stdout).toMatch(/1 of 2/);
    expect(status().stdout).toMatch(new RegExp(`burst.* 0 of ${THRESHOLD}`));
  });

  test('a service that is started again goes on where it was', async () => {
    log.stalls(THRESHOLD - 1);
    await node.saying(new RegExp(`burst.* ${THRESHOLD - 1} of ${THRESHOLD}`));

    machine.run('systemctl', 'kill', '--signal=KILL', 'rcu-stall-watchdog.service');
    await sleep(5000);
    await node.listening();

    expect(status().stdout).toMatch(new RegExp(`burst.* ${THRESHOLD - 1} of ${THRESHOLD}`));
    expect(machine.init).toBeDefined();
  });

  test('reboots a second time, and then only reports: the budget outlives reboots', async () => {
    log.stalls(1);
    expect(await machine.goneDown(SECONDS)).toBe(REBOOTED);
    await upAgain();

    log.stalls(THRESHOLD * 3);
    await sleep(22_000);
    const { status: code, stdout } = status();

    expect(machine.init).toBeDefined();
    expect(stdout).toMatch(/2 of 2/);
    expect(code).toBe(3);
    expect(machine.read('/var/lib/node-exporter/textfile/selfheal_watchdog.prom') ?? '').toContain(
      'selfheal_watchdog_budget_remaining 0',
    );
  });

  test('takes a power cut for a reboot that could not be put down', async () => {
    await machine.end('reboot');
    machine.write(`${STATE}/ledger`, '0 2 - - 0\n');
    await upAgain();

    await machine.crash();
    await upAgain();

    expect(machine.read(`${STATE}/ledger`)).toMatch(/^1 2 /);
  });

  test('is gone without a trace of a unit once the description drops it', async () => {
    const { status: code } = node.pod.converge({});

    expect(code).toBe(0);
    expect(machine.run('systemctl', 'show', '-p', 'ActiveState', '--value', 'rcu-stall-watchdog.service').stdout).toBe(
      'inactive\n',
    );
    expect(existsSync(join(machine.root, 'usr/local/lib/selfheal'))).toBe(false);
    expect(existsSync(join(machine.root, 'usr/local/bin/selfheal-watchdog'))).toBe(false);
  });
});

/**
 * The watchdog's black-hole in real networks: the real look, the real kernel's ARP and TCP, the real detector. Needs root, ip and tc.
 * The cut of Nov 30 is a classifier at the interface's ingress that drops everything: it stands behind the driver's counters and
 * before ARP and IP, so the link is up, frames are counted, sending and loopback work, and nothing is ever answered.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../support/tools.js';
import { Lan } from './lan.js';

const SCRIPTS = new URL('../../src/layers/rcu-watchdog/scripts/', import.meta.url).pathname;
const PARTS = ['main', 'records', 'stalls', 'paths', 'budget', 'black-hole', 'state'];
/** Looks that come later than half of that break the row, and a busy machine takes seconds for one. */
const BLACK_HOLE_SECONDS = 12;
const LOCAL_PORT = 10248;

const uptime = () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
const STALL = (at: number) =>
  `4,1,${Math.round(at * 1e6)},-;rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { P1 } 21 jiffies s: 481 root: 0x0/.`;

describeWith(['ip', 'tc'], 'the black-hole', () => {
  let lan: Lan;
  let folder: string;
  let lines: string[];

  beforeAll(async () => {
    lan = new Lan();
    folder = mkdtempSync(join(tmpdir(), 'reach-'));
    lan.add('router', 1);
    lan.add('jarvis', 2);
    lan.add('ultron', 3);
    lan.addChatter();
    const kubelet = `require('node:http').createServer((_, answer) => answer.end('ok')).listen(${LOCAL_PORT}, '127.0.0.1', () => console.log('up'))`;
    const { stdout } = lan.start('jarvis', process.execPath, '-e', kubelet);
    await new Promise((resolve) => stdout?.once('data', resolve));
  });

  afterAll(() => {
    lan.destroy();
    rmSync(folder, { recursive: true });
  });

  beforeEach(() => {
    writeFileSync(join(folder, 'peers'), 'jarvis 10.77.0.2 server watched\nultron 10.77.0.3 agent watched\n');
    boot();
  });

  /** A boot begins: what the looks keep stands on a tmpfs, and the kernel knows no neighbour. */
  function boot(): void {
    lan.run('jarvis', 'ip', 'neighbour', 'flush', 'all');
    rmSync(join(folder, 'run'), { recursive: true, force: true });
    mkdirSync(join(folder, 'run'));
    lines = ['!boot 1', '!ledger 0 0 - - 0', `!now ${uptime()}`];
  }

  const stall = () => lines.push(STALL(uptime()));

  /** Looks around from jarvis once. */
  function look(): string {
    const program = [
      'set -euo pipefail; export LC_ALL=C',
      `RUN_FOLDER=${folder}/run PEERS_FILE=${folder}/peers LOOK_ANSWER_CS=40`,
      `for part in ask peers reach; do . ${SCRIPTS}$part.sh; done`,
      'read -r uptime rest </proc/uptime',
      'look "$uptime"',
    ].join('\n');
    const { stdout, stderr, status } = lan.run('jarvis', 'bash', '-c', program);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    lines.push(stdout.trim());
    return stdout.trim();
  }

  /** Looks again and again until one has begun after that time; a look is as old as its beginning. */
  async function lookFor(seconds: number): Promise<string> {
    const end = uptime() + seconds;
    for (;;) {
      const began = uptime();
      const seen = look();
      if (began >= end) return seen;
      await sleep(300);
    }
  }

  /** What the detector decides of all that was seen. */
  function decisions(): string[] {
    const flags = PARTS.flatMap((part) => ['-f', `${SCRIPTS}detector/${part}.awk`]);
    const settings = ['-v', 'grace_seconds=0', '-v', `black_hole_seconds=${BLACK_HOLE_SECONDS}`];
    const { stdout, stderr } = spawnSync('awk', [...settings, ...flags], {
      input: `${lines.join('\n')}\n`,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    return stdout.split('\n').filter((line) => line.startsWith('decide'));
  }

  test('a healthy node sees its gateway and its peer, and hears others', () => {
    look();
    const healthy = look();

    expect(healthy).toMatch(/gateway=yes peers=1\/1 api=\? link=up local=\? frames=\d+$/);
    expect(decisions()).toEqual([]);
  });

  test('frames that arrive and are not processed, after a stall: reboots after the set time, not before', async () => {
    look();
    stall();
    lan.blackHole('jarvis');

    try {
      const early = await lookFor(BLACK_HOLE_SECONDS - 3);
      expect(early).toMatch(/gateway=no peers=0\/1 api=- link=up local=yes frames=[1-9]\d*$/);
      expect(decisions()).toEqual([]);
      await lookFor(BLACK_HOLE_SECONDS);
    } finally {
      lan.passAll('jarvis');
    }

    expect(decisions()[0]).toMatch(/^decide reboot black-hole 1[2-6] /);
  });

  test('the same without a stall since boot only alerts', async () => {
    look();
    lan.blackHole('jarvis');

    try {
      await lookFor(BLACK_HOLE_SECONDS + 1);
    } finally {
      lan.passAll('jarvis');
    }

    expect(decisions()).toEqual([expect.stringMatching(/^decide alert black-hole .*no stall/)]);
  });

  test('after a reboot into the same dead network it never reboots again, whatever stalls', async () => {
    lan.blackHole('jarvis');

    try {
      boot();
      stall();
      const seen = await lookFor(BLACK_HOLE_SECONDS + 1);
      expect(seen).toMatch(/gateway=no peers=0\/1/);
    } finally {
      lan.passAll('jarvis');
    }

    expect(decisions()).toEqual([expect.stringMatching(/^decide alert black-hole .*never seen in this boot/)]);
  });

  test('a router that is gone while the peer answers does nothing', async () => {
    look();
    stall();
    lan.pullCable('router');

    try {
      const seen = await lookFor(BLACK_HOLE_SECONDS + 1);
      expect(seen).toMatch(/gateway=no peers=1\/1/);
    } finally {
      lan.plugCable('router');
    }

    expect(decisions()).toEqual([]);
  });

  test('a switch that is gone for everybody only alerts', async () => {
    look();
    stall();
    lan.switchOff();

    try {
      await sleep(500);
      look(); // frames from before the cut are counted here
      const seen = await lookFor(BLACK_HOLE_SECONDS + 1);
      expect(seen).toMatch(/gateway=no peers=0\/1 api=- link=up local=yes frames=0$/);
    } finally {
      lan.switchOn();
    }

    expect(decisions()).toEqual([expect.stringMatching(/^decide alert black-hole .*no frame came in/)]);
  });

  test('a pulled cable only alerts', async () => {
    look();
    stall();
    lan.pullCable('jarvis');

    try {
      const seen = await lookFor(BLACK_HOLE_SECONDS + 1);
      expect(seen).toMatch(/gateway=no peers=0\/1 api=- link=down/);
    } finally {
      lan.plugCable('jarvis');
    }

    expect(decisions()).toEqual([expect.stringMatching(/^decide alert black-hole .*link up, found down/)]);
  });

  test('a kubelet that does not live only alerts: the fault is not the network alone', async () => {
    look();
    stall();
    lan.blackHole('jarvis');

    try {
      const before = lines.length;
      await lookFor(BLACK_HOLE_SECONDS + 1);
      lines = lines.map((line, at) => (at < before ? line : line.replace('local=yes', 'local=no')));
    } finally {
      lan.passAll('jarvis');
    }

    expect(decisions()).toEqual([expect.stringMatching(/^decide alert black-hole .*own API to live, found no/)]);
  });

  test('a file of peers that makes no sense leaves the peers unknown, and nothing is decided', async () => {
    look();
    stall();
    writeFileSync(join(folder, 'peers'), 'jarvis 10.77.0.2 captain\n');
    lan.blackHole('jarvis');

    try {
      const seen = await lookFor(BLACK_HOLE_SECONDS + 1);
      expect(seen).toMatch(/gateway=no peers=\? api=\?/);
    } finally {
      lan.passAll('jarvis');
    }

    expect(decisions()).toEqual([]);
  });

  test('a node that never had a default route knows nothing of its gateway, and nothing is decided', async () => {
    const { status } = lan.run('jarvis', 'ip', 'route', 'del', 'default');
    expect(status).toBe(0);
    look();
    stall();
    lan.blackHole('jarvis');

    try {
      const seen = await lookFor(BLACK_HOLE_SECONDS + 1);
      expect(seen).toMatch(/gateway=\? peers=0\/1/);
    } finally {
      lan.passAll('jarvis');
      lan.run('jarvis', 'ip', 'route', 'add', 'default', 'via', '10.77.0.1');
    }

    expect(decisions()).toEqual([]);
  });

  test('a lease that runs out in the black-hole does not hide it', async () => {
    look();
    stall();
    lan.blackHole('jarvis');
    lan.run('jarvis', 'ip', 'route', 'del', 'default');

    try {
      await lookFor(BLACK_HOLE_SECONDS + 1);
    } finally {
      lan.passAll('jarvis');
      lan.run('jarvis', 'ip', 'route', 'add', 'default', 'via', '10.77.0.1');
    }

    expect(decisions()[0]).toMatch(/^decide reboot black-hole /);
  });
});

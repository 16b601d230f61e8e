/** Real systemd machines on one network ask each other before they reboot. Needs root, ip, tc and systemd-nspawn. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/tools.js';
import { Lan } from './lan.js';
import { Machine } from './machine.js';

const SCRIPTS = new URL('../../src/layers/rcu-watchdog/scripts/', import.meta.url).pathname;
const LIB = '/usr/local/lib/selfheal/watchdog';
const PEERS = '/etc/selfheal/rcu-watchdog-peers';
const ADDRESSES = { jarvis: 2, ultron: 3, friday: 4 } as const;
const NAMES = ['jarvis', 'ultron', 'friday'] as const;
/** Three root file systems are copied, and removed again. */
const HOOK_TIMEOUT = 180_000;
type Name = (typeof NAMES)[number];

/** As the watchdog sources its parts. This machine may have booted just now, so nobody counts as fresh. */
const PARTS = `set -euo pipefail; export LC_ALL=C
RUN_FOLDER=/run/selfheal/watchdog PEERS_FILE=${PEERS} FRESH_SECONDS=\${FRESH_SECONDS:-0} SECOND_LOOK_SECONDS=\${SECOND_LOOK_SECONDS:-0.7}
mkdir -p "$RUN_FOLDER"
for part in ask peers; do . ${LIB}/$part.sh; done
`;
const GO = `${PARTS}
sleep "$1"
answer=$(may_go burst) || true
printf '%s\\n' "$answer"
`;

const roles = (role: string) =>
  NAMES.map((name) => `${name} 10.77.0.${ADDRESSES[name]} ${name === 'jarvis' ? 'server' : role} watched\n`).join('');

describeWith(['ip', 'tc', 'systemd-nspawn'], 'nodes that ask each other', () => {
  const lan = new Lan();
  const machines = {} as Record<Name, Machine>;
  const watchdogs: ChildProcess[] = [];

  beforeAll(async () => {
    for (const name of NAMES) {
      const machine = new Machine({ network: lan.add(name, ADDRESSES[name]) });
      machines[name] = machine;
      for (const part of ['ask', 'peers', 'answer'])
        machine.write(`${LIB}/${part}.sh`, readFileSync(`${SCRIPTS}${part}.sh`, 'utf8'));
      for (const unit of ['selfheal-peer.socket', 'selfheal-peer@.service'])
        machine.write(`/etc/systemd/system/${unit}`, readFileSync(`${SCRIPTS}${unit}`, 'utf8'));
      machine.write(PEERS, roles('agent'));
      machine.write('/root/go.sh', GO);
      // A shutdown that takes its time: what the others hear meanwhile is the question.
      machine.write(
        '/etc/systemd/system/slow.service',
        '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\nExecStop=/bin/sleep 3\n',
      );
    }
    await Promise.all(NAMES.map((name) => machines[name].boot()));
    for (const name of NAMES) {
      const { status, stderr } = machines[name].run('systemctl', 'enable', '--now', 'selfheal-peer.socket');
      if (status !== 0) throw new Error(`selfheal-peer.socket on ${name}: expected it enabled, got ${stderr}`);
    }
  }, HOOK_TIMEOUT);

  afterAll(async () => {
    await Promise.all(NAMES.map((name) => machines[name]?.destroy()));
    lan.destroy();
  }, HOOK_TIMEOUT);

  afterEach(() => {
    // A shutdown stops what runs in its machine for a moment; nsenter would stop with it and never go on.
    for (const watchdog of watchdogs.splice(0)) watchdog.kill('SIGKILL');
    for (const name of NAMES) {
      machines[name].run('rm', '-f', '/run/selfheal/watchdog/peer', '/run/selfheal/watchdog/silence');
      machines[name].write(PEERS, roles('agent'));
    }
  });

  /** What a node answers itself when it wants to go; after a delay in seconds. */
  function ask(name: Name, delay = 0, env: Readonly<Record<string, string>> = {}): Promise<string> {
    const enter = ['-t', `${machines[name].init}`, '-m', '-u', '-i', '-n', '-p', '--'];
    const set = Object.entries(env).map(([key, value]) => `${key}=${value}`);
    const asked = spawn('nsenter', [...enter, 'env', ...set, 'bash', '/root/go.sh', `${delay}`]);
    let said = '';
    asked.stdout.on('data', (chunk) => {
      said += chunk;
    });
    asked.stderr.on('data', (chunk) => {
      said += chunk;
    });
    return new Promise((resolve) => asked.once('close', () => resolve(said.trim())));
  }

  /** Says what a watchdog would say, from a process that goes on living for a while. */
  function publish(name: Name, state: string): Promise<void> {
    const program = `${PARTS}read_peers; publish ${state}; printf 'said\\n'; exec sleep 20`;
    const enter = ['-t', `${machines[name].init}`, '-m', '-u', '-i', '-n', '-p', '--'];
    const said = spawn('nsenter', [...enter, 'bash', '-c', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    watchdogs.push(said);
    return new Promise((resolve) => said.stdout.once('data', () => resolve()));
  }

  test('a node whose peers are up and want nothing goes', async () => {
    expect(await ask('jarvis')).toBe('go');
  });

  test('of two that want at once exactly one goes, 20 times, however close they are', async () => {
    const rounds: string[][] = [];
    for (let round = 0; round < 20; round++) {
      const lead = (round * 7) % 60; // milliseconds; either is ahead in half of the rounds
      const delays = round % 2 === 0 ? [0, lead / 1000] : [lead / 1000, 0];
      rounds.push(await Promise.all([ask('jarvis', delays[0]), ask('ultron', delays[1])]));
      for (const name of NAMES) machines[name].run('rm', '-f', '/run/selfheal/watchdog/peer');
    }

    expect(rounds.map((answers) => answers.filter((answer) => answer === 'go').length)).toEqual(Array(20).fill(1));
    expect(rounds.flat().filter((answer) => !/^(go|hold .*(wants|reboot))/.test(answer))).toEqual([]);
  });

  test('of three servers that want at once never two go', async () => {
    for (const name of NAMES) machines[name].write(PEERS, roles('server'));
    const going: number[] = [];
    for (let round = 0; round < 6; round++) {
      const answers = await Promise.all(
        NAMES.map((name, at) => ask(name, (((round * 11 + at * 17) % 40) * 1.5) / 1000)),
      );
      going.push(answers.filter((answer) => answer === 'go').length);
      for (const name of NAMES) machines[name].run('rm', '-f', '/run/selfheal/watchdog/peer');
    }

    expect(Math.max(...going)).toBe(1);
  });

  test('a watchdog that died while it wanted does not hold the others', async () => {
    machines.ultron.run('bash', '-c', `${PARTS}read_peers; publish wants`);

    expect(machines.ultron.read('/run/selfheal/watchdog/peer') ?? 'on a tmpfs').not.toBe('');
    expect(await ask('jarvis')).toBe('go');
  });

  test('a peer that said it reboots holds, also after its watchdog ended', async () => {
    machines.ultron.run('bash', '-c', `${PARTS}read_peers; publish rebooting`);

    expect(await ask('jarvis')).toBe('hold ultron (10.77.0.3) is rebooting');
  });

  test('a peer with a smaller name that goes on wanting holds for good', async () => {
    await publish('friday', 'wants');

    expect(await ask('jarvis')).toBe('hold friday wants to reboot too and goes first');
  });

  test('a peer with a larger name that goes on wanting holds after the second look', async () => {
    await publish('ultron', 'wants');

    expect(await ask('jarvis')).toBe('hold ultron still wants to reboot too');
  });

  test('a peer that has only just booted holds', async () => {
    expect(await ask('jarvis', 0, { FRESH_SECONDS: '999999999' })).toMatch(
      /^hold ultron \(10\.77\.0\.3\) has been up for only \d+ s, expected 999999999 s; friday /,
    );
  });

  test('a firewall that drops the port holds, with the reason', async () => {
    lan.dropPort('ultron', 9847);

    try {
      expect(await ask('jarvis')).toMatch(/^hold ultron \(10\.77\.0\.3\) does not answer on port 9847: timeout/);
    } finally {
      lan.passAll('ultron');
    }
  });

  test('a peer without the socket is up without a watchdog, at once or after a while where it should have one', async () => {
    machines.ultron.run('systemctl', 'stop', 'selfheal-peer.socket');

    try {
      expect(await ask('jarvis')).toMatch(/^hold ultron \(10\.77\.0\.3\) refuses on port 9847/);
      expect(await ask('jarvis', 0, { REFUSED_SECONDS: '0' })).toBe('go');
      machines.jarvis.write(PEERS, roles('agent').replace('10.77.0.3 agent watched', '10.77.0.3 agent unwatched'));
      expect(await ask('jarvis')).toBe('go');
    } finally {
      machines.ultron.run('systemctl', 'start', 'selfheal-peer.socket');
    }
  });

  test('the answer can write nothing and is not root', async () => {
    const service = 'selfheal-peer@.service';
    machines.ultron.write(
      `/etc/systemd/system/${service}.d/probe.conf`,
      `[Service]\nExecStart=\nExecStart=/bin/sh -c 'id -u; : 2>/dev/null >/run/selfheal/watchdog/x && echo wrote; : 2>/dev/null >/var/x && echo wrote; true'\n`,
    );
    machines.ultron.run('systemctl', 'daemon-reload');

    try {
      const { stdout } = machines.jarvis.run('bash', '-c', 'cat <>/dev/tcp/10.77.0.3/9847');
      expect(stdout).toMatch(/^[1-9]\d*\n$/);
    } finally {
      machines.ultron.run('rm', '-r', `/etc/systemd/system/${service}.d`);
      machines.ultron.run('systemctl', 'daemon-reload');
    }
  });

  test('connections in a crowd are closed without an answer, and the socket goes on listening', async () => {
    const crowd = 'for i in {1..300}; do : <>/dev/tcp/10.77.0.3/9847 & done 2>/dev/null; wait';
    machines.jarvis.run('bash', '-c', crowd);

    expect(machines.ultron.run('systemctl', 'is-active', 'selfheal-peer.socket').stdout).toBe('active\n');
    expect(await ask('jarvis')).toMatch(/^(go|hold ultron .*no sensible answer)/);
  });

  test('while one really goes down and stays down the others hold, and with quorum at stake for good', async () => {
    for (const name of NAMES) machines[name].write(PEERS, roles('server'));
    machines.ultron.run('systemctl', 'start', 'slow.service');
    expect(await ask('ultron')).toBe('go');

    const down = machines.ultron.end('reboot');
    const heard: string[] = [];
    let isDown = false;
    down.finally(() => {
      isDown = true;
    });
    while (!isDown) heard.push(await ask('jarvis'));
    lan.pullCable('ultron'); // a namespace outlives its machine and refuses; a board without power says nothing
    heard.push(await ask('jarvis'));

    expect(heard.filter((answer) => !/^hold ultron /.test(answer))).toEqual([]);
    expect(heard.filter((answer) => /is rebooting/.test(answer)).length).toBeGreaterThan(3);
    expect(heard.at(-1)).toMatch(/does not answer on port 9847/);
    expect(await ask('jarvis', 0, { SILENT_SECONDS: '-1' })).toBe(
      'hold without this node 1 of 3 servers would be up, the quorum is 2',
    );

    lan.plugCable('ultron');
    await machines.ultron.boot();
    expect(await ask('jarvis')).toBe('go');
  });

  test('without quorum at stake a peer that has long been silent no longer holds', async () => {
    lan.pullCable('friday');

    try {
      expect(await ask('jarvis')).toMatch(/^hold friday .*holds for 600 s/);
      expect(await ask('jarvis', 0, { SILENT_SECONDS: '-1' })).toBe('go');
    } finally {
      lan.plugCable('friday');
    }
  });
});

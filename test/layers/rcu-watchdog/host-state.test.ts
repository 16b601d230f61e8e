import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RcuWatchdogSpec } from '../../../src/cluster/spec/rcu-watchdog.js';
import { rcuWatchdog } from '../../../src/layers/rcu-watchdog/index.js';
import { DETECTOR_PARTS, PROGRAM, PROGRAM_PARTS } from '../../../src/layers/rcu-watchdog/program.js';
import { readScript } from '../../../src/layers/script.js';
import { homelab, minimal, pvek8s } from '../../support/clusters.js';
import { describeWith } from '../../support/tools.js';

const stateOf = (cluster: ReturnType<typeof minimal>) => {
  const [group] = cluster.hosts;
  if (!group || !rcuWatchdog.hostState) throw new Error('expected a group of hosts');
  return rcuWatchdog.hostState(cluster, group);
};
const lamp = (watchdog: RcuWatchdogSpec) => minimal({ hosts: [{ nodes: ['lamp'], rcuWatchdog: watchdog }] });
const contentOf = (cluster: ReturnType<typeof minimal>, path: string) =>
  stateOf(cluster).files.find((file) => file.path === path)?.content;

const UNITS = '/etc/systemd/system';
const TIMES = `${UNITS}/rcu-stall-watchdog.timer.d/times.conf`;
const PORT = `${UNITS}/selfheal-peer.socket.d/port.conf`;
const LIBRARY = '/usr/local/lib/selfheal/watchdog';

test('adds nothing to a host that does not ask for it', () => {
  const { files, units, kernelArguments, flags } = stateOf(minimal({ hosts: [{ nodes: ['lamp'] }] }));

  expect({ files, units, kernelArguments, flags }).toEqual({ files: [], units: [], kernelArguments: [], flags: [] });
});

test('leaves out no part of the program, and carries none that there is not', () => {
  const folder = 'src/layers/rcu-watchdog/scripts';
  const sources = readdirSync(folder).filter((name) => name.endsWith('.sh') && name !== PROGRAM);
  const decides = readdirSync(`${folder}/detector`).filter((name) => name.endsWith('.awk'));

  expect(decides.length).toBeGreaterThan(3);
  expect(PROGRAM_PARTS).toEqual(sources.sort());
  expect(DETECTOR_PARTS).toEqual(decides.sort());
});

test('puts the program, its parts, settings, peers and a service that runs where the docs say', () => {
  const { files, units } = stateOf(homelab());

  expect(files.map(({ path, mode }) => `${mode} ${path}`)).toEqual([
    '0755 /usr/local/bin/selfheal-watchdog',
    ...PROGRAM_PARTS.map((name) => `0644 ${LIBRARY}/${name}`),
    ...DETECTOR_PARTS.map((name) => `0644 ${LIBRARY}/${name}`),
    '0644 /etc/selfheal/rcu-watchdog.env',
    '0644 /etc/selfheal/rcu-watchdog-peers',
    `0644 ${UNITS}/rcu-stall-watchdog.service`,
    `0644 ${UNITS}/selfheal-peer.socket`,
    `0644 ${UNITS}/selfheal-peer@.service`,
  ]);
  expect(units.map((unit) => (typeof unit === 'string' ? unit : unit.name))).toEqual([
    'selfheal-peer.socket',
    'rcu-stall-watchdog.service',
  ]);
});

test('the service that runs is started again for each file that it reads when it starts', () => {
  const { files, units } = stateOf(homelab());
  const [reads] = units.flatMap((unit) => (typeof unit === 'string' ? [] : [unit.reads]));

  // Of its units node-bootstrap knows without being told.
  expect(reads).toEqual(
    files.map(({ path }) => path).filter((path) => !path.startsWith(UNITS) && !path.endsWith('/answer.sh')),
  );
});

describe('the timer form', () => {
  test('has a timer, and a service of the same name that looks once', () => {
    const { files, units } = stateOf(lamp({ form: 'timer' }));

    expect(files.map(({ path }) => path).filter((path) => path.startsWith(UNITS))).toEqual([
      `${UNITS}/rcu-stall-watchdog.service`,
      `${UNITS}/rcu-stall-watchdog.timer`,
      `${UNITS}/selfheal-peer.socket`,
      `${UNITS}/selfheal-peer@.service`,
    ]);
    expect(units).toEqual(['selfheal-peer.socket', 'rcu-stall-watchdog.timer']);
    expect(contentOf(lamp({ form: 'timer' }), `${UNITS}/rcu-stall-watchdog.service`)).toContain('Type=oneshot\n');
    expect(contentOf(lamp({}), `${UNITS}/rcu-stall-watchdog.service`)).not.toContain('Type=oneshot');
  });

  test('keeps the times of v3 in its file, so that no drop-in is made for the defaults', () => {
    const lines = readScript('rcu-watchdog', 'rcu-stall-watchdog.timer').split('\n');

    expect(lines).toEqual(expect.arrayContaining(['OnBootSec=20min', 'OnUnitActiveSec=2min', 'AccuracySec=10s']));
    expect(contentOf(lamp({ form: 'timer' }), TIMES)).toBeUndefined();
  });

  test('other times become a drop-in that forgets those of the file', () => {
    expect(contentOf(lamp({ form: 'timer', startupGrace: '30min', checkEvery: '30s' }), TIMES)).toBe(
      '[Timer]\nOnBootSec=\nOnBootSec=30min\nOnUnitActiveSec=30s\n',
    );
    expect(contentOf(lamp({ form: 'timer', checkEvery: '30s' }), TIMES)).toContain('OnBootSec=20min\n');
  });
});

describe('the port', () => {
  test('in the socket file is the default of a description', () => {
    expect(readScript('rcu-watchdog', 'selfheal-peer.socket')).toContain('\nListenStream=9847\n');
    expect(contentOf(lamp({}), PORT)).toBeUndefined();
  });

  test('is another in a drop-in that forgets that of the file', () => {
    expect(contentOf(lamp({ peerPort: 10_000 }), PORT)).toBe('[Socket]\nListenStream=\nListenStream=10000\n');
  });
});

describe('the peers', () => {
  const PEERS = '/etc/selfheal/rcu-watchdog-peers';

  test('are all nodes in the order of the description, the host itself too', () => {
    expect(contentOf(homelab(), PEERS)).toBe('jarvis 10.0.1.10 server watched\nultron 10.0.1.11 agent watched\n');
  });

  test('without a watchdog are named as such: their closed door says nothing', () => {
    const cluster = pvek8s();
    const { hosts } = minimal({ hosts: [{ nodes: ['lamp'], rcuWatchdog: {} }] });
    const only = cluster.nodes.filter(({ name }) => name === 'k8s02');
    const one = cluster.hosts.map((group) => ({ ...group, nodes: only, rcuWatchdog: hosts[0]?.rcuWatchdog ?? null }));

    expect(contentOf({ ...cluster, hosts: one }, PEERS)).toBe(
      'k8s01 192.168.0.41 server unwatched\nk8s02 192.168.0.42 server watched\nk8s03 192.168.0.43 server unwatched\n',
    );
  });
});

test('every unit file and script goes to a host of one form or the other', () => {
  const carried = [{}, { form: 'timer' }] as const;
  const names = carried.flatMap((watchdog) => stateOf(lamp(watchdog)).files.map(({ content }) => content));
  const units = readdirSync('src/layers/rcu-watchdog/scripts').filter((name) => /\.(service|timer|socket)$/.test(name));

  expect(units.length).toBeGreaterThan(4);
  expect(units.filter((name) => !names.includes(readScript('rcu-watchdog', name)))).toEqual([]);
});

describeWith(['systemd-analyze'], 'the units', () => {
  test.each([
    ['stream', { peerPort: 10_000 }],
    ['timer', { form: 'timer', checkEvery: '30s' }],
  ] as const)('of the %s form pass systemd-analyze verify, drop-ins too', (_, watchdog) => {
    const root = mkdtempSync(join(tmpdir(), 'units-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    const { files } = stateOf(lamp(watchdog));
    for (const { path, mode, content } of files) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), content);
      chmodSync(join(root, path), Number.parseInt(mode, 8));
    }
    // The root holds what is to be verified and nothing else; these stand for what every host has.
    for (const name of ['sysinit', 'basic', 'shutdown', 'timers', 'sockets', 'multi-user']) {
      writeFileSync(join(root, `etc/systemd/system/${name}.target`), `[Unit]\nDescription=${name}\n`);
    }
    mkdirSync(join(root, 'bin'));
    writeFileSync(join(root, 'bin/sh'), '', { mode: 0o755 });
    const units = files.map(({ path }) => basename(path)).filter((name) => /\.(service|timer|socket)$/.test(name));

    const { status, stderr } = spawnSync(
      'systemd-analyze',
      ['verify', '--man=no', `--root=${root}`, ...units.map((name) => name.replace('@.', '@1.'))],
      { encoding: 'utf8' },
    );

    expect(stderr.split('\n').filter((message) => /rcu-stall|selfheal/.test(message))).toEqual([]);
    expect(status).toBe(0);
  });
});

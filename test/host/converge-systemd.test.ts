/** The host program and a real systemd: services, sockets, oneshots, nothing to do, a host set up anew. Needs root and systemd-nspawn. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HostState, NOTHING } from '../../src/host/host-state.js';
import { payloadOf } from '../../src/layers/node-bootstrap/payload.js';
import { BOOTSTRAP_FOLDER } from '../../src/layers/node-bootstrap/plan.js';
import { groupWith } from '../layers/node-bootstrap/fake-host.js';
import { describeWith } from '../support/tools.js';
import type { Machine } from './machine.js';
import { BOOT_FILE, bootedPi, COMMAND_LINE } from './pi.js';

const file = (path: string, content: string, mode: '0644' | '0755' = '0644') => ({ path, mode, content });
const PART = '/usr/local/lib/selfheal/w/part.sh';
const SERVICE = '/etc/systemd/system/w.service';
const PEER = '/etc/systemd/system/p@.service';

const WATCH: Partial<HostState> = {
  files: [
    file('/usr/local/bin/w', `#!/bin/bash\nsource ${PART}\nexec sleep infinity\n`, '0755'),
    file(PART, ': first\n'),
    file(SERVICE, '[Service]\nExecStart=/usr/local/bin/w\n[Install]\nWantedBy=multi-user.target\n'),
    file(PEER, '[Service]\nExecStart=/bin/echo hello\nStandardOutput=socket\n'),
    file(
      '/etc/systemd/system/p.socket',
      '[Socket]\nListenStream=127.0.0.1:9847\nAccept=yes\n[Install]\nWantedBy=sockets.target\n',
    ),
    file(
      '/etc/systemd/system/o.service',
      '[Service]\nType=oneshot\nExecStart=/bin/sh -c "echo ran >>/var/tmp/o"\n[Install]\nWantedBy=multi-user.target\n',
    ),
  ],
  units: [{ name: 'w.service', reads: [PART] }, 'p.socket', 'o.service'],
  kernelArguments: ['rcupdate.rcu_normal=1'],
};

describeWith(['systemd-nspawn'], 'converge.sh on a real systemd', () => {
  let machine: Machine;

  beforeAll(async () => {
    machine = await bootedPi();
  });
  afterAll(() => machine?.destroy());

  function stage(state: Partial<HostState>): void {
    const folder = join(machine.root, BOOTSTRAP_FOLDER, 'payload');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const group = { ...groupWith('piboot'), onDrift: 'restore' as const };
    for (const [key, content] of payloadOf(group, { ...NOTHING, ...state })) writeFileSync(join(folder, key), content);
  }
  const converge = (...args: string[]) => machine.run('bash', `${BOOTSTRAP_FOLDER}/payload/converge.sh`, ...args);
  const show = (unit: string, property: string) =>
    machine.run('systemctl', 'show', '--value', `--property=${property}`, unit).stdout.trim();

  /** What systemd says that it did: nobody else starts anything here. */
  function acts(): readonly string[] {
    const { status, stdout } = machine.run('journalctl', '--boot', '--output=cat', '_PID=1');
    expect(status).toBe(0);
    return stdout.split('\n').filter((line) => /Reload|Reexec|Start|Stop/.test(line));
  }

  test('starts a service, a socket with its template, and a oneshot', () => {
    stage(WATCH);

    const { status, stdout } = converge();

    expect(stdout.split('\n').filter((line) => /^(refused|cannot-tell)/.test(line))).toEqual([]);
    expect(status).toBe(3);
    expect(show('w.service', 'ActiveState')).toBe('active');
    expect(machine.run('bash', '-c', 'cat </dev/tcp/127.0.0.1/9847').stdout).toBe('hello\n');
    expect(machine.read('/var/tmp/o')).toBe('ran\n');
  });

  test('with nothing to do writes nothing, tells systemd nothing, and starts nothing', () => {
    const folders = ['etc', 'boot', 'usr/local', 'var/lib/selfheal', 'var/tmp'];
    const before = { files: machine.times(...folders), service: show('w.service', 'InvocationID') };
    const said = acts();

    const start = performance.now();
    const run = converge();
    const milliseconds = performance.now() - start;
    const check = converge('--check');

    expect(run.stdout.split('\n').filter((line) => !/^(kept .*|pending reboot.*|)$/.test(line))).toEqual([]);
    expect([run.status, check.status]).toEqual([0, 0]);
    expect({ files: machine.times(...folders), service: show('w.service', 'InvocationID') }).toEqual(before);
    expect(said.some((line) => line.includes('Reload'))).toBe(true); // the install's: they are seen
    expect(acts()).toEqual(said);
    expect(machine.read('/var/tmp/o')).toBe('ran\n');
    // Half a second on a small board; this is a test among others on a busy machine.
    expect(milliseconds).toBeLessThan(2_000);
  });

  test('starts a service anew when a part that it sources changed', () => {
    const before = show('w.service', 'InvocationID');
    const files = WATCH.files?.map((each) => (each.path === PART ? { ...each, content: ': second\n' } : each)) ?? [];
    stage({ ...WATCH, files });

    const { stdout } = converge();

    expect(stdout).toContain('changed restart w.service\n');
    expect(show('w.service', 'InvocationID')).not.toBe(before);
    expect(show('w.service', 'ActiveState')).toBe('active');
    expect(machine.read('/var/tmp/o')).toBe('ran\n');
  });

  test('sees a service that somebody stopped and disabled, and brings it back', () => {
    machine.run('systemctl', 'disable', '--now', 'w.service');

    const seen = converge('--check');
    const mended = converge();

    expect(seen.status).toBe(3);
    expect(seen.stdout).toContain('drifted w.service: it is not enabled\n');
    expect(mended.stdout).toContain('changed w.service\n');
    expect(show('w.service', 'ActiveState')).toBe('active');
  });

  test('brings everything to a host that was set up anew', () => {
    for (const path of [
      'var/lib/selfheal',
      'etc/systemd/system/w.service',
      'usr/local/bin/w',
      'usr/local/lib/selfheal',
    ])
      rmSync(join(machine.root, path), { recursive: true });
    machine.write(BOOT_FILE, COMMAND_LINE);
    stage(WATCH);

    const { status } = converge();

    expect(status).toBe(3);
    expect(show('w.service', 'ActiveState')).toBe('active');
    expect(machine.read(BOOT_FILE)).toContain('rcupdate.rcu_normal=1');
    expect(converge('--check').status).toBe(0);
  });

  test('takes everything back', () => {
    stage({});

    converge();

    expect(machine.read(PEER)).not.toBeNull(); // it stood there when the host was set up anew: somebody else's
    expect(machine.read(SERVICE)).toBeNull();
    expect(show('w.service', 'LoadState')).toBe('not-found');
    expect(machine.read(BOOT_FILE)).toBe(COMMAND_LINE);
    expect(converge()).toMatchObject({ status: 0, stdout: '' });
  });
});

/** The bootstrap pod's way onto a host, against a real systemd. Needs root, systemd-nspawn and a static busybox. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HostState, NOTHING } from '../../src/host/host-state.js';
import { contentHash } from '../../src/layers/node-bootstrap/content-hash.js';
import { enterHost } from '../../src/layers/node-bootstrap/enter-host.js';
import { payloadOf } from '../../src/layers/node-bootstrap/payload.js';
import { BOOTSTRAP_FOLDER } from '../../src/layers/node-bootstrap/plan.js';
import { groupWith } from '../layers/node-bootstrap/fake-host.js';
import { describeWith } from '../support/tools.js';
import type { Machine } from './machine.js';
import { BOOT_FILE, bootedPi, COMMAND_LINE } from './pi.js';

const file = (path: string, content: string) => ({ path, mode: '0644', content }) as const;
const SYSCTL = 'net.ipv4.conf.default.log_martians';

/** Harmless twins of what the layers ask for: the kernel is this machine's own. */
const TICKER: Partial<HostState> = {
  files: [
    file('/etc/systemd/system/ticker.service', '[Service]\nType=oneshot\nExecStart=/bin/true\n'),
    file('/etc/systemd/system/ticker.timer', '[Timer]\nOnBootSec=1h\n[Install]\nWantedBy=timers.target\n'),
  ],
  units: ['ticker.timer'],
};
const KERNEL: Partial<HostState> = {
  files: [
    file('/etc/sysctl.d/99-test.conf', `${SYSCTL} = 1\n`),
    file('/etc/systemd/system.conf.d/watchdog.conf', '[Manager]\nRuntimeWatchdogSec=14s\n'),
  ],
  kernelArguments: ['rcupdate.rcu_normal=1'],
};
const BOTH: Partial<HostState> = { ...KERNEL, ...TICKER, files: [...(KERNEL.files ?? []), ...(TICKER.files ?? [])] };

describeWith(['systemd-nspawn', 'busybox'], 'a bootstrap pod on a real systemd host', () => {
  const pod = mkdtempSync(join(tmpdir(), 'pod-'));
  let machine: Machine;

  beforeAll(async () => {
    mkdirSync(join(pod, 'bin'));
    for (const applet of 'sh sha256sum timeout cut mkdir cp rm mv nsenter'.split(' ')) {
      symlinkSync('/bin/busybox', join(pod, 'bin', applet));
    }
    machine = await bootedPi();
  });

  afterAll(async () => {
    await machine?.destroy();
    rmSync(pod, { recursive: true });
  });

  /** What the kubelet does with the pod: mount the ConfigMap and the host's folder, run the init container. */
  function converge(state: Partial<HostState>) {
    const payload = payloadOf(groupWith('piboot'), { ...NOTHING, ...state });
    const mounted = join(pod, 'payload');
    rmSync(mounted, { recursive: true, force: true });
    mkdirSync(mounted);
    for (const [key, content] of payload) writeFileSync(join(mounted, key), content);
    const stage = new URL('../../src/layers/node-bootstrap/scripts/stage.sh', import.meta.url).pathname;
    const enter = enterHost(['bash', `${BOOTSTRAP_FOLDER}/payload/converge.sh`], machine.init);
    const { status, stdout, stderr } = spawnSync('/bin/busybox', ['sh', stage, ...enter], {
      encoding: 'utf8',
      env: {
        PATH: join(pod, 'bin'),
        STAGE_CONTENT_SHA256: contentHash(payload),
        STAGE_PAYLOAD: mounted,
        STAGE_TARGET: join(machine.root, BOOTSTRAP_FOLDER),
      },
    });
    return { status, stderr, lines: stdout.trimEnd().split('\n') };
  }

  test("brings units, sysctls, systemd's own settings and the command line", () => {
    const { status, lines } = converge(BOTH);

    expect(lines.filter((line) => line.startsWith('refused'))).toEqual([]);
    expect(status).toBe(0);
    expect(machine.run('systemctl', 'is-active', 'ticker.timer').stdout).toBe('active\n');
    expect(machine.run('systemctl', 'is-enabled', 'ticker.timer').stdout).toBe('enabled\n');
    expect(machine.run('sysctl', '-n', SYSCTL).stdout).toBe('1\n');
    expect(machine.run('systemctl', 'show', '-p', 'RuntimeWatchdogUSec', '--value').stdout).toBe('14s\n');
    expect(machine.read(BOOT_FILE)).toBe('console=tty1 root=LABEL=writable rcupdate.rcu_normal=1\n');
  });

  test('changes nothing the second time, not even a time stamp', () => {
    const before = machine.times('etc', 'boot', 'var/lib/selfheal');

    const { status, lines } = converge(BOTH);

    expect(status).toBe(0);
    expect(lines.filter((line) => !/^(kept|pending reboot)/.test(line))).toEqual([]);
    expect(lines).toContain('kept ticker.timer');
    expect(machine.times('etc', 'boot', 'var/lib/selfheal')).toBe(before);
  });

  test('is still in force after a reboot', async () => {
    expect(await machine.end('reboot')).toBe(133);
    await machine.boot();

    expect(machine.run('systemctl', 'is-active', 'ticker.timer').stdout).toBe('active\n');
    expect(machine.run('systemctl', 'show', '-p', 'RuntimeWatchdogUSec', '--value').stdout).toBe('14s\n');
  });

  test('takes back a unit and its files, and nothing else', () => {
    const { status } = converge(KERNEL);

    expect(status).toBe(0);
    expect(machine.read('/etc/systemd/system/ticker.timer')).toBeNull();
    expect(machine.run('systemctl', 'show', '-p', 'LoadState', '--value', 'ticker.timer').stdout).toBe('not-found\n');
    expect(machine.run('ls', '/etc/systemd/system/timers.target.wants').stdout).not.toContain('ticker');
    expect(machine.read('/etc/sysctl.d/99-test.conf')).not.toBeNull();
  });

  test('leaves the host as it was before once nothing is asked for', () => {
    converge({});

    expect(machine.read('/etc/systemd/system.conf.d/watchdog.conf')).toBeNull();
    expect(machine.run('systemctl', 'show', '-p', 'RuntimeWatchdogUSec', '--value').stdout).not.toBe('14s\n');
    expect(machine.read(BOOT_FILE)).toBe(COMMAND_LINE);
    expect(converge({}).lines).toEqual(['']);
  });
});

/**
 * What the watch container prints of a real systemd host, read as `selfheal check` reads it. Needs root, systemd-nspawn, a
 * static busybox and openssl.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { minutes } from '../../src/cluster/duration.js';
import type { HostState } from '../../src/host/host-state.js';
import { LOOK } from '../../src/layers/node-bootstrap/capabilities.js';
import { nodeBootstrap } from '../../src/layers/node-bootstrap/index.js';
import { type HostReport, readHostReport } from '../../src/ops/check/host-report.js';
import { minimal } from '../support/clusters.js';
import { describeWith } from '../support/tools.js';
import { BootstrapPod } from './bootstrap-pod.js';
import type { Machine } from './machine.js';
import { bootedPi } from './pi.js';

/** k3s as far as its log goes. */
const K3S = `[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'for i in 1 2 3; do echo "error in txn: context canceled"; done; echo "database is locked"'
ExecStart=/bin/echo 'failed to reserve sandbox name "a_ns_u_1": name "a_ns_u_1" is reserved for "5d1"'
[Install]
WantedBy=multi-user.target
`;
const TLS = '/var/lib/rancher/k3s/server/tls';

describeWith(['systemd-nspawn', 'busybox', 'openssl', 'setpriv'], 'the report of a real host', () => {
  let machine: Machine;
  let pod: BootstrapPod;
  const [group] = minimal({ hosts: [{ nodes: ['lamp'] }] }).hosts;
  const state = (): Partial<HostState> => {
    if (group === undefined || nodeBootstrap.hostState === undefined) throw new Error('expected a group of hosts');
    const settings = nodeBootstrap.hostState(minimal({ hosts: [{ nodes: ['lamp'] }] }), group);
    const k3s = { path: '/etc/systemd/system/k3s.service', mode: '0644', content: K3S } as const;
    return { ...settings, files: [...settings.files, k3s], units: ['k3s.service'] };
  };

  beforeAll(async () => {
    machine = await bootedPi();
    mkdirSync(join(machine.root, TLS), { recursive: true });
    const certificate = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=test', '-keyout', '/dev/null'];
    for (const [name, days] of [
      ['client-admin', 300],
      ['serving-kube-apiserver', 9],
    ] as const) {
      const file = join(machine.root, TLS, `${name}.crt`);
      const { status, stderr } = spawnSync('openssl', [...certificate, '-days', `${days}`, '-out', file]);
      if (status !== 0) throw new Error(`openssl: expected a certificate, got ${stderr}`);
    }
    // The template has none: that of this machine, with the libraries that it names.
    const libraries = spawnSync('ldd', ['/usr/bin/openssl'], { encoding: 'utf8' }).stdout.match(
      /\/\S*lib(ssl|crypto)\S*/g,
    );
    for (const path of ['/usr/bin/openssl', ...(libraries ?? [])]) machine.copy(path, path);
    machine.run('chmod', '0755', '/usr/bin/openssl');
    const first = new BootstrapPod(machine);
    expect(first.converge(state()).status).toBe(0);
    await first.destroy();
    // No more than the watch container may do.
    const capabilities = Object.keys(LOOK).map((name) => `+${name.toLowerCase()}`);
    const bounding = `--bounding-set=-all,${capabilities.join(',')}`;
    pod = new BootstrapPod(machine, {
      under: ['/usr/bin/setpriv', '--no-new-privs', '--inh-caps=-all', bounding, '--'],
    });
    pod.mount(state());
    pod.watch({ WATCH_EVERY: '2' });
  });

  afterAll(async () => {
    await pod?.destroy();
    await machine?.destroy();
  });

  const lines = (): readonly string[] => pod.output.split('\n').filter((line) => line.startsWith('report {'));
  const read = (line: string, bootId = bootOf()) => {
    const now = Date.now();
    const log = `${new Date(now).toISOString()} ${line}\n`;
    return readHostReport(log, { node: 'lamp', bootId, now, every: minutes(5) });
  };
  const bootOf = (): string => machine.run('cat', '/proc/sys/kernel/random/boot_id').stdout.trim();
  const report = (): HostReport => {
    const answer = read(lines().at(-1) ?? '');
    if (!answer.ok) throw new Error(answer.failure.message);
    return answer.value;
  };

  test('is printed after the first look and after each other, as a short line', async () => {
    await pod.until('to report three times', () => lines().length >= 3, 60);

    expect(pod.output.indexOf('report {')).toBeLessThan(2_000);
    expect(Math.max(...lines().map((line) => line.length))).toBeLessThan(2_000);
    expect(pod.output).not.toContain('nothing could be reported');
  });

  test('is of this boot of this host', () => {
    const uptime = Number.parseFloat(readFileSync('/proc/uptime', 'utf8'));
    const { bootId, uptimeSeconds, runningKernel, node } = report();

    expect(bootId).toBe(bootOf());
    expect(node).toBe(machine.run('cat', '/proc/sys/kernel/hostname').stdout.trim());
    expect(Math.abs((uptimeSeconds ?? 0) - uptime)).toBeLessThan(60);
    expect(runningKernel).toBe(spawnSync('uname', ['-r'], { encoding: 'utf8' }).stdout.trim());
  });

  test('counts what the journal says of k3s', () => {
    expect(report()).toMatchObject({ datastore: { locked: 1, canceled: 3 }, sandboxNamesReserved: 1 });
  });

  test('tells the disk and the certificate that ends first', () => {
    const { disks, certificates } = report();

    expect(disks?.map(({ path, readOnly }) => ({ path, readOnly }))).toEqual([{ path: '/', readOnly: false }]);
    expect(certificates).toEqual([{ path: `${TLS}/serving-kube-apiserver.crt`, daysLeft: 8 }]);
  });

  test('tells that the distribution asks for a reboot as soon as it does', async () => {
    const metric = () => pod.metrics?.get('selfheal_reboot_pending{reason="reboot-required"}');
    expect(report()).toMatchObject({ rebootRequired: false, pending: [] });
    expect(metric()).toBe(0);

    machine.run('touch', '/run/reboot-required');
    const seen = lines().length;
    await pod.until('to report again', () => lines().length >= seen + 2, 60);

    expect(report()).toMatchObject({ rebootRequired: true, pending: ['reboot-required'] });
    expect(metric()).toBe(1);
    expect(pod.metrics?.get('selfheal_reboot_pending{reason="kernel-arguments"}')).toBe(0);
  });

  test('is none of another boot', () => {
    const other = read(lines().at(-1) ?? '', '0f1e2d3c-4b5a-4697-8877-665544332211');

    expect(other).toMatchObject({ ok: false, failure: { message: expect.stringContaining('it is of another boot') } });
  });
});

/** What the pod does after its start, against a real systemd. Needs root, systemd-nspawn and a static busybox. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { HostState } from '../../src/host/host-state.js';
import { describeWith } from '../support/tools.js';
import { BootstrapPod } from './bootstrap-pod.js';
import type { Machine } from './machine.js';
import { bootedPi } from './pi.js';

const file = (path: string, content: string) => ({ path, mode: '0644', content }) as const;
const CONF = '/etc/selfheal/lamp.conf';

const STATE: Partial<HostState> = {
  files: [
    file(CONF, 'bright\n'),
    file(
      '/etc/systemd/system/lamp.service',
      '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n',
    ),
  ],
  units: ['lamp.service'],
};

/** All but the report of the host, which it prints at each look. */
const saidOf = ({ output }: BootstrapPod): string => output.replaceAll(/^report .*\n/gm, '');

describeWith(['systemd-nspawn', 'busybox'], 'a watching pod on a real systemd host', () => {
  let machine: Machine;
  let pod: BootstrapPod;

  beforeAll(async () => {
    machine = await bootedPi();
  });

  afterEach(() => pod?.destroy());

  afterAll(() => machine?.destroy());

  async function watching(
    onDrift: 'report' | 'restore',
    settings: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    // What was edited under "report" is left, so each test begins with a host that is put back.
    const before = new BootstrapPod(machine, { group: { onDrift: 'restore' } });
    expect(before.converge(STATE).status).toBe(0);
    await before.destroy();
    pod = new BootstrapPod(machine, { group: { onDrift } });
    expect(pod.converge(STATE).status).toBe(0);
    pod.watch(settings);
    // It is ready a moment before it has said so and written it down.
    const told = () => pod.output.includes('watch: the host is as described') && pod.metrics !== undefined;
    await pod.until('to be ready', () => pod.ready && told());
  }

  test('changes nothing on the host but its metrics, and says nothing twice', async () => {
    await watching('report');
    const before = machine.times('/etc', '/var/lib/selfheal', '/boot', '/usr/local');
    const invocation = machine.run('systemctl', 'show', '-p', 'InvocationID', 'lamp.service').stdout;

    const told = saidOf(pod);
    await new Promise((resolve) => setTimeout(resolve, 2500));

    expect(machine.times('/etc', '/var/lib/selfheal', '/boot', '/usr/local')).toBe(before);
    expect(machine.run('systemctl', 'show', '-p', 'InvocationID', 'lamp.service').stdout).toBe(invocation);
    expect(saidOf(pod)).toBe(told);
    expect(pod.items('kept')).toBeGreaterThanOrEqual(3);
    expect([pod.items('drifted'), pod.items('refused'), pod.items('cannot-tell')]).toEqual([0, 0, 0]);
    expect(pod.metrics?.get('selfheal_bootstrap_up')).toBe(1);
  });

  test('reports an edit by hand, leaves it, and is ready again when it is taken back', async () => {
    await watching('report');

    machine.write(CONF, 'dim\n');

    await pod.until('not to be ready', () => !pod.ready);
    await pod.until('to count it', () => pod.items('drifted') === 1);
    expect(pod.output).toContain(`drifted ${CONF}`);
    expect(machine.read(CONF)).toBe('dim\n');

    machine.write(CONF, 'bright\n');
    await pod.until('to be ready', () => pod.ready);
    expect(pod.restores).toBe(0);
  });

  test.each([
    ['stopped', ['stop', 'lamp.service']],
    ['disabled', ['disable', 'lamp.service']],
    ['masked', ['mask', '--runtime', '--now', 'lamp.service']],
  ])('reports a unit that somebody %s', async (_, command) => {
    machine.run('systemctl', 'unmask', '--runtime', 'lamp.service');
    await watching('report');

    machine.run('systemctl', ...command);

    await pod.until('not to be ready', () => !pod.ready);
    expect(pod.output).toContain('drifted lamp.service');
    machine.run('systemctl', 'unmask', '--runtime', 'lamp.service');
  });

  test('puts an edit and a disabled unit back where that is asked', async () => {
    await watching('restore');

    machine.write(CONF, 'dim\n');
    machine.run('systemctl', 'disable', '--now', 'lamp.service');

    await pod.until('to put it back', () => machine.read(CONF) === 'bright\n' && (pod.restores ?? 0) > 0);
    await pod.until('to be ready', () => pod.ready);
    expect(machine.run('systemctl', 'is-enabled', 'lamp.service').stdout.trim()).toBe('enabled');
    expect(machine.run('systemctl', 'is-active', 'lamp.service').stdout.trim()).toBe('active');
  });

  test('gives up on what comes back again and again, and only reports it', async () => {
    await watching('restore');

    const fight = setInterval(() => machine.write(CONF, 'dim\n'), 20);
    try {
      await pod.until(
        'to give up',
        () => pod.metrics?.get('selfheal_bootstrap_restores_held') === 1 && pod.restores === 3,
        30,
      );
      const { restores } = pod;
      await new Promise((resolve) => setTimeout(resolve, 3000));

      expect(pod.restores).toBe(restores);
      expect(pod.ready).toBe(false);
    } finally {
      clearInterval(fight);
    }
  });

  test('brings a payload back that was deleted on the host', async () => {
    await watching('restore');

    rmSync(join(machine.root, 'var/lib/selfheal/bootstrap/payload'), { recursive: true });

    await pod.until('to be told', () => pod.output.includes('the host has another payload, or none'));
    await pod.until('to be ready', () => pod.ready && pod.restores === 1);
    expect(machine.read('/var/lib/selfheal/bootstrap/payload/plan')).toContain('lamp.service');
  });

  test('makes the folder for metrics again when it is gone', async () => {
    await watching('report');

    rmSync(join(machine.root, 'var/lib/node-exporter'), { recursive: true });

    await pod.until('to write again', () => pod.items('drifted') === 0);
  });

  test('is not ready and does not act while it cannot tell', async () => {
    await watching('restore');
    machine.run('mv', '/usr/bin/timeout', '/usr/bin/timeout.away');

    await pod.until('to say so', () => pod.output.includes('cannot-tell'));
    const { output } = pod;

    expect(output).not.toContain('putting back');
    machine.run('mv', '/usr/bin/timeout.away', '/usr/bin/timeout');
    await pod.until('to be ready', () => pod.ready && pod.metrics?.get('selfheal_bootstrap_up') === 1);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)('leaves the host as it is when it is ended by %s', async (signal) => {
    await watching('restore');
    const before = machine.times('/etc', '/var/lib/selfheal', '/boot', '/usr/local');

    const status = await pod.stop(signal);

    expect(machine.times('/etc', '/var/lib/selfheal', '/boot', '/usr/local')).toBe(before);
    expect(machine.run('systemctl', 'is-active', 'lamp.service').stdout.trim()).toBe('active');
    expect(status).toBe(signal === 'SIGTERM' ? 0 : null);
    expect(pod.metrics === undefined).toBe(signal === 'SIGTERM');
  });

  test('takes back everything where the entry is absent, also what was edited, and is ready then', async () => {
    machine.write('/etc/kept-before.conf', 'theirs\n');
    await watching('report');
    await pod.stop();
    machine.write(CONF, 'dim\n');

    const absent = new BootstrapPod(machine, { group: { state: 'absent' } });
    const { status } = absent.converge({});
    absent.watch();
    await absent.until('to be ready', () => absent.ready);

    expect(status).toBe(0);
    expect(machine.read(CONF)).toBeNull();
    expect(machine.read('/etc/systemd/system/lamp.service')).toBeNull();
    expect(machine.run('systemctl', 'is-active', 'lamp.service').stdout.trim()).toBe('inactive');
    expect(machine.read('/etc/kept-before.conf')).toBe('theirs\n');
    await absent.destroy();
  });

  test('a host that was installed anew is as described after the start of its pod', async () => {
    const fresh = await bootedPi();
    try {
      const again = new BootstrapPod(fresh);
      expect(again.converge(STATE).status).toBe(0);
      again.watch();
      await again.until('to be ready', () => again.ready);

      expect(fresh.run('systemctl', 'is-active', 'lamp.service').stdout.trim()).toBe('active');
      await again.destroy();
    } finally {
      await fresh.destroy();
    }
  });

  test('takes less than half a second for a look', async () => {
    await watching('report');
    await pod.stop();
    const took = [1, 2, 3].map(() => {
      const started = performance.now();
      const { status } = pod.look();
      expect(status).toBe(0);
      return performance.now() - started;
    });

    // The best of three: what is measured is the look and not what else this machine does.
    expect(Math.min(...took)).toBeLessThan(500);
  });
});

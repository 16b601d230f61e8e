import { expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import type { HostState } from '../../../src/host/host-state.js';
import { kernel } from '../../../src/layers/kernel/index.js';
import { homelab, minimal, pvek8s } from '../../support/clusters.js';

function stateOf(cluster: Cluster, name: string): HostState | undefined {
  const group = cluster.hosts.find((candidate) => candidate.name === name);
  return group && kernel.hostState?.(cluster, group);
}

const lamp = (settings: object) =>
  stateOf(minimal({ hosts: [{ nodes: ['lamp'], kernel: settings }] }), 'lamp-node-bootstrap');

test('asks for nothing where the kernel is left alone', () => {
  expect(stateOf(pvek8s(), 'pvek8s-node-bootstrap')).toEqual({
    files: [],
    units: [],
    kernelArguments: [],
    flags: [],
    parameters: [],
  });
});

test('makes a hung task a panic and a panic a reboot', () => {
  const state = lamp({ hungTask: { timeout: '2min', panicTimeout: '7s' } });

  expect(state?.files).toEqual([
    {
      path: '/etc/sysctl.d/99-hung-task.conf',
      mode: '0644',
      content: [
        '# A task in uninterruptible sleep for this long is a panic, and a panic is a reboot.',
        'kernel.hung_task_timeout_secs = 120',
        'kernel.hung_task_panic = 1',
        'kernel.panic = 7',
        '',
      ].join('\n'),
    },
  ]);
});

test("has systemd feed a Raspberry Pi's watchdog within what its counter can hold", () => {
  const file = stateOf(homelab(), 'jarvis-node-bootstrap')?.files.find(({ path }) => path.includes('watchdog'));

  expect(file).toEqual({
    path: '/etc/systemd/system.conf.d/watchdog.conf',
    mode: '0644',
    content: '[Manager]\nRuntimeWatchdogSec=14s\nRebootWatchdogSec=14s\nWatchdogDevice=/dev/watchdog\n',
  });
});

test('gives other boards their own times and device', () => {
  const state = lamp({ hardwareWatchdog: { device: '/dev/watchdog1' } });

  expect(state?.files[0]?.content).toBe(
    '[Manager]\nRuntimeWatchdogSec=30s\nRebootWatchdogSec=10min\nWatchdogDevice=/dev/watchdog1\n',
  );
});

test('passes on the kernel arguments of the group', () => {
  expect(stateOf(homelab(), 'ultron-node-bootstrap')?.kernelArguments).toEqual(['rcupdate.rcu_normal=1']);
});

test('sets parameters of modules in the running kernel, and for the next time that the module is loaded', () => {
  const state = lamp({ parameters: { 'rcupdate.rcu_exp_cpu_stall_timeout': '0', 'snd-usb.index': '1' } });

  expect(state?.parameters).toEqual([
    { module: 'rcupdate', name: 'rcu_exp_cpu_stall_timeout', value: '0' },
    { module: 'snd-usb', name: 'index', value: '1' },
  ]);
  expect(state?.files).toEqual([
    {
      path: '/etc/modprobe.d/selfheal.conf',
      mode: '0644',
      content: 'options rcupdate rcu_exp_cpu_stall_timeout=0\noptions snd-usb index=1\n',
    },
  ]);
});

test.each([
  ['a name without a module', { rcu_normal: '1' }],
  ['a value with a blank', { 'rcupdate.rcu_normal': '1 0' }],
])('refuses %s as a module parameter', (_, parameters) => {
  expect(() => lamp({ parameters })).toThrow(/hosts\[0\]\.kernel\.parameters/);
});

import { describe, expect, test } from 'vitest';
import type { Cluster, HostGroup } from '../../../src/cluster/cluster.js';
import { RUN_PROGRAM, upgradesHostState } from '../../../src/layers/upgrades/host-state.js';
import { homelab, minimal, parsed } from '../../support/clusters.js';
import { headerVariables } from '../../support/fake-host.js';
import { FULL_K3S_SPEC, FULL_MICROK8S_SPEC } from '../../support/full-clusters.js';

function groupOf({ hosts }: Cluster, node: string): HostGroup {
  const group = hosts.find(({ nodes }) => nodes.some(({ name }) => name === node));
  if (group === undefined) throw new Error(`node '${node}': expected a host group, got none`);
  return group;
}

const filesOf = (cluster: Cluster, node: string) =>
  new Map(upgradesHostState(cluster, groupOf(cluster, node)).files.map((file) => [file.path, file]));

const settingsOf = (cluster: Cluster, node: string, file: string) =>
  new Map(
    (filesOf(cluster, node).get(`/etc/selfheal/${file}.env`)?.content ?? '')
      .trimEnd()
      .split('\n')
      .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

test('brings nothing to hosts that are upgraded by hand', () => {
  const cluster = minimal({ hosts: [{ nodes: ['lamp'] }] });

  expect(upgradesHostState(cluster, groupOf(cluster, 'lamp')).files).toEqual([]);
});

test('starts no unit by itself', () => {
  const cluster = homelab();

  expect(upgradesHostState(cluster, groupOf(cluster, 'jarvis')).units).toEqual([]);
});

test('every program that a unit or a pod runs is there and can be run', () => {
  const files = filesOf(homelab(), 'ultron');
  const units = [...files.values()].filter(({ path }) => path.endsWith('.service'));
  const programs = units.map(({ content }) => /^ExecStart=(\S+)$/m.exec(content)?.[1] ?? '');

  expect(programs).toHaveLength(2);
  for (const program of [...programs, RUN_PROGRAM]) expect(files.get(program)?.mode, program).toBe('0755');
});

test('a control plane looks at every node, and waits for the workers to be done', () => {
  const settings = settingsOf(parsed(FULL_K3S_SPEC), 'barrel', 'upgrade-gate');

  expect(settings.get('GATE_OTHERS')).toBe('barrel,bottle,cork');
  expect(settings.get('GATE_FIRST')).toBe('bottle,cork');
  expect(settings.get('GATE_FIRST_PLAN')).toBe('system-upgrade/os-upgrade-workers');
  expect(settings.get('GATE_KUBECTL')).toBe('"/usr/local/bin/k3s kubectl"');
});

test('a worker asks as itself, and only after itself', () => {
  const settings = settingsOf(parsed(FULL_K3S_SPEC), 'bottle', 'upgrade-gate');

  expect(settings.get('GATE_OTHERS')).toBe('');
  expect(settings.get('GATE_FIRST')).toBe('');
  expect(settings.get('GATE_KUBECTL')).toContain('kubelet.kubeconfig');
});

test('control planes alone wait for each other, and for no Plan before theirs', () => {
  const settings = settingsOf(parsed(FULL_MICROK8S_SPEC), 'hoe', 'upgrade-gate');

  expect(settings.get('GATE_OTHERS')).toBe('rake,hoe,spade');
  expect(settings.get('GATE_FIRST')).toBe('');
  expect(settings.get('GATE_FIRST_PLAN')).toBe('');
});

test('the deadline leaves room for the settling time', () => {
  const settings = settingsOf(parsed(FULL_K3S_SPEC), 'barrel', 'upgrade-gate');

  expect(settings.get('GATE_SETTLE_SECONDS')).toBe('900');
  expect(Number(settings.get('GATE_DEADLINE_SECONDS'))).toBeGreaterThan(900);
});

describe.each([
  ['upgrade-gate', 'selfheal-upgrade-gate'],
  ['os-upgrade', 'selfheal-os-upgrade'],
])('%s.env', (file, script) => {
  const files = filesOf(homelab(), 'jarvis');
  const header = headerVariables(files.get(`/usr/local/sbin/${script}.sh`)?.content ?? '');
  const unit = files.get(`/etc/systemd/system/${script}@.service`)?.content ?? '';

  test('sets nothing that the script does not tell of', () => {
    const set = [...settingsOf(homelab(), 'jarvis', file).keys()];

    expect(set.length).toBeGreaterThan(5);
    expect(header).toEqual(expect.arrayContaining(set));
  });

  test('is read by the unit, which adds the name of the node', () => {
    const [, variable] = /^Environment=(\w+)=%i$/m.exec(unit) ?? [];

    expect(unit).toContain(`EnvironmentFile=/etc/selfheal/${file}.env`);
    expect(header).toContain(variable);
  });

  test('leaves out nothing that the script requires', () => {
    const content = files.get(`/usr/local/sbin/${script}.sh`)?.content ?? '';
    const required = [...content.matchAll(/^# {3}([A-Z_]+) .*\(required\)$/gm)].map(([, name]) => name);
    const given = [...settingsOf(homelab(), 'jarvis', file).keys(), 'GATE_SELF', 'UPGRADE_NODE'];

    expect(required.length).toBeGreaterThan(2);
    expect(given).toEqual(expect.arrayContaining(required));
  });
});

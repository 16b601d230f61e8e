import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { DISTRIBUTIONS } from '../../../src/cluster/distribution.js';
import { sandboxCleanupEnvironment } from '../../../src/layers/sandbox-cleanup/host-state.js';
import { sandboxCleanup } from '../../../src/layers/sandbox-cleanup/index.js';
import { readScript } from '../../../src/layers/script.js';
import { homelab, minimal, pvek8s } from '../../support/clusters.js';
import { headerVariables } from '../../support/fake-host.js';

const stateOf = (cluster: Cluster, index = 0) => {
  const group = cluster.hosts[index];
  if (!group || !sandboxCleanup.hostState) throw new Error('expected a group of hosts');
  return sandboxCleanup.hostState(cluster, group);
};
const pathsOf = (cluster: Cluster, index = 0) => stateOf(cluster, index).files.map(({ path }) => path);
const dropInOf = (cluster: Cluster) => stateOf(cluster).files.find(({ path }) => path.endsWith('.conf'))?.content;

test('adds nothing to a host that does not ask for it', () => {
  expect(stateOf(minimal({ hosts: [{ nodes: ['lamp'] }] })).files).toEqual([]);
});

test('on a k3s server hangs before k3s.service', () => {
  expect(pathsOf(homelab())).toEqual([
    '/usr/local/bin/k3s-pre-start-cleanup.sh',
    '/etc/selfheal/sandbox-cleanup.env',
    '/etc/systemd/system/k3s.service.d/sandbox-cleanup.conf',
  ]);
});

test('on a k3s agent hangs before k3s-agent.service', () => {
  expect(pathsOf(homelab(), 1)).toContain('/etc/systemd/system/k3s-agent.service.d/sandbox-cleanup.conf');
});

test('on MicroK8s hangs before its containerd, not before kubelite', () => {
  expect(pathsOf(pvek8s())).toEqual([
    '/usr/local/bin/microk8s-pre-start-cleanup.sh',
    '/etc/selfheal/sandbox-cleanup.env',
    '/etc/systemd/system/snap.microk8s.daemon-containerd.service.d/sandbox-cleanup.conf',
  ]);
});

test.each([homelab(), pvek8s()])('can never keep the node from starting: $name', (cluster) => {
  const lines = dropInOf(cluster)?.split('\n') ?? [];

  expect(lines).toContain('EnvironmentFile=-/etc/selfheal/sandbox-cleanup.env');
  expect(lines.filter((line) => line.startsWith('Exec'))).toEqual([
    expect.stringMatching(
      /^ExecStartPre=-\/usr\/bin\/timeout --kill-after=10 135 \/usr\/local\/bin\/\w+-pre-start-cleanup\.sh$/,
    ),
  ]);
});

describe('the time that systemd gives the unit', () => {
  test('is raised above the deadline of the clean-up where it is finite', () => {
    expect(dropInOf(pvek8s())).toContain('TimeoutStartSec=225\n');
  });

  test('is not made finite where k3s has it without limit', () => {
    expect(dropInOf(homelab())).not.toContain('TimeoutStartSec');
  });
});

test.each(Object.values(DISTRIBUTIONS))('the header names exactly the settings of a host: $name', (distribution) => {
  const cleanup = { databaseLockTimeout: { seconds: 30 }, timeout: { seconds: 120 } };

  expect([...headerVariables(readScript('sandbox-cleanup', 'pre-start-cleanup.sh'))].sort()).toEqual(
    Object.keys(sandboxCleanupEnvironment(distribution, cleanup)).sort(),
  );
});

test('the settings of a host say what the spec says', () => {
  const cluster = minimal({
    hosts: [{ nodes: ['lamp'], sandboxCleanup: { databaseLockTimeout: '7s', timeout: '1min' } }],
  });
  const settings = stateOf(cluster).files.find(({ path }) => path.endsWith('.env'))?.content;

  expect(settings).toContain('SANDBOX_CLEANUP_LOCK_SECONDS=7\nSANDBOX_CLEANUP_TIMEOUT_SECONDS=60\n');
  expect(settings).toContain('SANDBOX_CLEANUP_CONTAINERD_ROOT=/var/lib/rancher/k3s/agent/containerd\n');
  expect(settings).not.toMatch(/=.* /);
});

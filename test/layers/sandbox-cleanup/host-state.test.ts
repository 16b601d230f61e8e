import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { DISTRIBUTIONS } from '../../../src/cluster/distribution.js';
import type { SandboxCleanupSpec } from '../../../src/cluster/spec/hosts.js';
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
const contentOf = (cluster: Cluster, suffix: string) =>
  stateOf(cluster).files.find(({ path }) => path.endsWith(suffix))?.content;
const dropInOf = (cluster: Cluster) => contentOf(cluster, '.conf');
const withCleanup = (sandboxCleanup: SandboxCleanupSpec) => minimal({ hosts: [{ nodes: ['lamp'], sandboxCleanup }] });

const LIBRARY = '/usr/local/lib/selfheal/sandbox-cleanup';
const WITHIN_AND_AFTER = [
  `${LIBRARY}/before-reboot.sh`,
  '/etc/systemd/system/selfheal-before-reboot.service',
  `${LIBRARY}/end-hung-cni.sh`,
  '/etc/systemd/system/selfheal-hung-cni.service',
  '/etc/systemd/system/selfheal-hung-cni.timer',
];

test('adds nothing to a host that does not ask for it', () => {
  expect(stateOf(minimal({ hosts: [{ nodes: ['lamp'] }] })).files).toEqual([]);
});

const PARTS = ['settings.sh', 'shims.sh', 'database.sh', 'duplicates.sh'].map((name) => `${LIBRARY}/${name}`);

test('on a k3s server hangs before k3s.service', () => {
  expect(pathsOf(homelab())).toEqual([
    ...PARTS,
    '/usr/local/bin/k3s-pre-start-cleanup.sh',
    '/etc/selfheal/sandbox-cleanup.env',
    '/etc/systemd/system/k3s.service.d/sandbox-cleanup.conf',
    ...WITHIN_AND_AFTER,
  ]);
});

test('on a k3s agent hangs before k3s-agent.service', () => {
  expect(pathsOf(homelab(), 1)).toContain('/etc/systemd/system/k3s-agent.service.d/sandbox-cleanup.conf');
});

test('on MicroK8s hangs before its containerd, not before kubelite', () => {
  expect(pathsOf(pvek8s())).toEqual([
    ...PARTS,
    '/usr/local/bin/microk8s-pre-start-cleanup.sh',
    '/etc/selfheal/sandbox-cleanup.env',
    '/etc/systemd/system/snap.microk8s.daemon-containerd.service.d/sandbox-cleanup.conf',
    ...WITHIN_AND_AFTER,
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

describe('before a reboot', () => {
  test.each([
    [homelab(), 'Before=k3s.service'],
    [pvek8s(), 'Before=snap.microk8s.daemon-containerd.service snap.microk8s.daemon-kubelite.service'],
  ])('ends pods when kubelet and containerd have ended: $name', (cluster, order) => {
    const unit = contentOf(cluster, 'selfheal-before-reboot.service')?.split('\n') ?? [];

    expect(unit).toContain(order);
    // Anything of that kind would stop it together with Kubernetes, at any restart.
    expect(unit.filter((line) => /^(Requires|BindsTo|PartOf|Wants|Upholds)=/.test(line))).toEqual([]);
  });

  test('delays the shutdown by no more than the spec says', () => {
    const unit = contentOf(withCleanup({ beforeReboot: { timeout: '20s' } }), 'selfheal-before-reboot.service') ?? '';

    expect(unit).toContain(`ExecStop=-/usr/bin/timeout --signal=KILL 20 ${LIBRARY}/before-reboot.sh\n`);
    expect(unit).toContain('TimeoutStopSec=25\n');
  });

  test('does nothing where the spec does not want it', () => {
    const { files, units } = stateOf(withCleanup({ beforeReboot: 'off' }));

    expect(files.filter(({ path }) => path.includes('before-reboot'))).toEqual([]);
    expect(units).toEqual(['selfheal-hung-cni.timer']);
  });
});

test('leaves hanging network plugins to people where the spec says so', () => {
  const { files, units } = stateOf(withCleanup({ hungNetworkCall: 'off' }));

  expect(files.filter(({ path }) => path.includes('hung-cni'))).toEqual([]);
  expect(units).toEqual(['selfheal-before-reboot.service']);
});

test('puts what a program calls before the program', () => {
  const paths = pathsOf(homelab());

  for (const part of PARTS) {
    expect(paths.indexOf(part)).toBeLessThan(paths.indexOf('/usr/local/bin/k3s-pre-start-cleanup.sh'));
  }
  expect(paths.indexOf('/usr/local/bin/k3s-pre-start-cleanup.sh')).toBeLessThan(
    paths.findIndex((path) => path.endsWith('.conf')),
  );
});

test.each(Object.values(DISTRIBUTIONS))('the header names exactly the settings of a host: $name', (distribution) => {
  const cleanup = {
    databaseLockTimeout: { seconds: 30 },
    timeout: { seconds: 120 },
    beforeReboot: { timeout: { seconds: 30 } },
    hungNetworkCall: { after: { seconds: 600 } },
  };

  expect([...headerVariables(readScript('sandbox-cleanup', 'pre-start-cleanup.sh'))].sort()).toEqual(
    Object.keys(sandboxCleanupEnvironment(distribution, 'worker', cleanup)).sort(),
  );
});

test('the settings of a host say what the spec says', () => {
  const cluster = minimal({
    hosts: [
      {
        nodes: ['lamp'],
        sandboxCleanup: {
          databaseLockTimeout: '7s',
          timeout: '1min',
          beforeReboot: { timeout: '40s' },
          hungNetworkCall: { after: '20min' },
        },
      },
    ],
  });
  const settings = stateOf(cluster).files.find(({ path }) => path.endsWith('.env'))?.content;

  expect(settings).toContain('SANDBOX_CLEANUP_LOCK_SECONDS=7\nSANDBOX_CLEANUP_TIMEOUT_SECONDS=60\n');
  expect(settings).toContain('SANDBOX_CLEANUP_BEFORE_REBOOT_SECONDS=40\nSANDBOX_CLEANUP_HUNG_CNI_SECONDS=1200\n');
  expect(settings).toContain('SANDBOX_CLEANUP_CONTAINERD_STATE=/run/k3s/containerd\n');
  expect(settings).toContain('SANDBOX_CLEANUP_CONTAINERD_ROOT=/var/lib/rancher/k3s/agent/containerd\n');
  expect(settings).not.toMatch(/=.* /);
});

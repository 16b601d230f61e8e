import { expect, test } from 'vitest';
import { DISTRIBUTIONS } from '../../../src/cluster/distribution.js';
import { controlPlane } from '../../../src/layers/control-plane/index.js';
import { schedulerLeaseFlags } from '../../../src/layers/control-plane/scheduler-lease-flags.js';
import { homelab, pvek8s } from '../../support/clusters.js';

const FILE = '/var/snap/microk8s/current/args/kube-scheduler';
const readBy = 'snap.microk8s.daemon-kubelite.service';

test('asks for nothing on k3s', () => {
  const cluster = homelab();

  expect(cluster.hosts.flatMap((group) => controlPlane.hostState?.(cluster, group).flags)).toEqual([]);
});

test('asks for nothing on a worker, which runs no scheduler', () => {
  const cluster = pvek8s();
  const workers = cluster.hosts.map((group) => ({ ...group, role: 'worker' as const }));

  expect(workers.flatMap((group) => controlPlane.hostState?.(cluster, group).flags)).toEqual([]);
});

test('shortens the lease together with what must be shorter than it', () => {
  const cluster = pvek8s();

  expect(cluster.hosts.flatMap((group) => controlPlane.hostState?.(cluster, group).flags)).toEqual([
    { file: FILE, flag: '--leader-elect-lease-duration', value: '20s', readBy },
    { file: FILE, flag: '--leader-elect-renew-deadline', value: '15s', readBy },
    { file: FILE, flag: '--leader-elect-retry-period', value: '2s', readBy },
  ]);
});

test('refuses a distribution that keeps no arguments file', () => {
  const second = { seconds: 1 };

  expect(() =>
    schedulerLeaseFlags(DISTRIBUTIONS.k3s, { leaseDuration: second, renewDeadline: second, retryPeriod: second }),
  ).toThrow("distribution 'k3s': expected an arguments file of kube-scheduler, got null");
});

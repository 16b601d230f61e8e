/** When a host that has rebooted may still have the network rules of another boot. The rest: ../hosts.test.ts. */
import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../../src/cluster/cluster.js';
import { calicoRestartedCheck } from '../../../../src/ops/check/checks/calico-restarted.js';
import type { HostReport } from '../../../../src/ops/check/host-report.js';
import { failure, live, lookOf, NOW, pod } from '../../../support/check-facts.js';
import { homelab, pvek8s } from '../../../support/clusters.js';

const UPTIME = 5_000;
const BEFORE_BOOT = new Date(NOW - (UPTIME + 60) * 1_000).toISOString();

const calico = (node: string, startedAt = BEFORE_BOOT) =>
  pod(`kube-system/calico-node-${node}`, {
    node,
    labels: { 'k8s-app': 'calico-node' },
    status: { containerStatuses: [{ name: 'calico-node', state: { running: { startedAt } } }] },
  });

/** A host that tells its times, and whose own check says nothing. */
const TOLD = { epochSeconds: NOW / 1_000, uptimeSeconds: UPTIME, clockSynchronized: true, calicoBeforeBoot: null };

function verdicts(
  report: Partial<HostReport>,
  cluster: Cluster = pvek8s(),
  pods = cluster.nodes.map(({ name }) => calico(name)),
) {
  // Of a report nothing else is read.
  const value = { ...TOLD, ...report } as HostReport;
  const facts = { ...lookOf({ cluster }, { pods }), host: () => ({ ok: true, value }) as const };
  return [...new Set(calicoRestartedCheck.answer(facts).map(({ verdict }) => verdict))];
}

const onRaspberries = (): Cluster => {
  const cluster = pvek8s();
  const hosts = cluster.hosts.map((group) => ({
    ...group,
    nodes: group.nodes.map((node) => ({ ...node, board: 'raspberry-pi' as const })),
  }));
  return { ...cluster, hosts };
};

describe('a start that looks older than the boot', () => {
  test('is older on a host whose clock runs through a boot and is kept in step', () => {
    expect(verdicts({})).toEqual(['fail']);
  });

  test('cannot be told on a board that boots with the time of its last shutdown', () => {
    expect(verdicts({}, onRaspberries())).toEqual(['unknown']);
  });

  test.each([
    { clockSynchronized: false },
    { clockSynchronized: null },
    { epochSeconds: null },
    { uptimeSeconds: null },
  ])('cannot be told by a host that says %j', (report) => {
    expect(verdicts(report)).toEqual(['unknown']);
  });
});

test('another pod on the host does not stand in for calico-node', () => {
  const cluster = pvek8s();
  const [first, ...others] = cluster.nodes.map(({ name }) => name);
  const beside = live('Pod', 'shop/cart', {
    spec: { nodeName: first ?? '' },
    status: calico('', new Date(NOW).toISOString()).status,
  });
  const pods = [beside, ...others.map((name) => calico(name, new Date(NOW).toISOString()))];

  expect(verdicts({}, cluster, pods)).toEqual(['fail']);
  expect(verdicts({ calicoBeforeBoot: false }, cluster, pods)).toEqual(['fail']);
});

test('cannot be told where pods cannot be listed', () => {
  expect(calicoRestartedCheck.answer(lookOf({ cluster: pvek8s() }, { pods: failure('list Pod: 403') }))).toMatchObject([
    { verdict: 'unknown', found: 'list Pod: 403' },
  ]);
});

test('is asked where there is Calico, and hosts that report', () => {
  const absent = { ...pvek8s(), hosts: pvek8s().hosts.map((group) => ({ ...group, state: 'absent' as const })) };
  const part = { ...pvek8s(), hosts: [...absent.hosts, ...pvek8s().hosts] };

  expect([pvek8s(), part, homelab(), absent].map((cluster) => calicoRestartedCheck.applies?.(cluster))).toEqual([
    ...[true, true, false, false],
  ]);
});

import { expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { IMAGES } from '../../../src/cluster/versions.js';
import { runOnHost } from '../../../src/layers/upgrades/plans.js';
import { LEASE } from '../../../src/ops/reboot/names.js';
import { at } from '../../support/change.js';
import { homelab, minimal, objectsOf, parsed, pvek8s } from '../../support/clusters.js';
import { FULL_K3S_SPEC, FULL_MICROK8S_SPEC } from '../../support/full-clusters.js';

const plansOf = (cluster: Cluster) => objectsOf(cluster, 'os-upgrade').filter(({ kind }) => kind === 'Plan');
const nodesOf = (plan: unknown) => at(plan, 'spec.nodeSelector.matchExpressions[0].values');

test('no node is upgraded that nobody asked for', () => {
  expect(plansOf(pvek8s())).toEqual([]);
  expect(plansOf(minimal())).toEqual([]);
});

test('workers and control plane have Plans of their own, so that the one can wait for the other', () => {
  const plans = plansOf(parsed(FULL_K3S_SPEC));

  expect(plans.map((plan) => [plan.metadata.name, nodesOf(plan)])).toEqual([
    ['os-upgrade-workers', ['bottle', 'cork']],
    ['os-upgrade-control-plane', ['barrel']],
  ]);
});

test('a cluster of control planes alone has one Plan', () => {
  const plans = plansOf(parsed(FULL_MICROK8S_SPEC));

  expect(plans.map((plan) => [plan.metadata.name, nodesOf(plan)])).toEqual([
    ['os-upgrade-control-plane', ['rake', 'hoe', 'spade']],
  ]);
});

test.each(plansOf(homelab()).map((plan) => [plan.metadata.name, plan] as const))(
  '%s takes one node at a time, after the gate and in the window',
  (_, plan) => {
    expect(at(plan, 'spec.concurrency')).toBe(1);
    expect(at(plan, 'spec.exclusive')).toBe(true);
    expect(at(plan, 'spec.version')).toBe('26.04');
    expect(at(plan, 'spec.prepare.args[5]')).toBe('selfheal-upgrade-gate');
    expect(at(plan, 'spec.upgrade.args[5]')).toBe('selfheal-os-upgrade');
    expect(at(plan, 'spec.window')).toEqual({
      days: ['saturday', 'sunday'],
      startTime: '09:00',
      endTime: '15:00',
      timeZone: 'America/Edmonton',
    });
  },
);

test.each(plansOf(homelab()).map((plan) => [plan.metadata.name, plan] as const))(
  '%s drains with a deadline, and deletes no pod that nothing would bring back',
  (_, plan) => {
    expect(at(plan, 'spec.cordon')).toBe(true);
    expect(at(plan, 'spec.drain.timeout')).toMatch(/^\d+m0s$/);
    expect(at(plan, 'spec.drain.force')).toBe(false);
    expect(at(plan, 'spec.drain.disableEviction')).toBe(false);
  },
);

test.each(plansOf(homelab()).map((plan) => [plan.metadata.name, plan] as const))(
  '%s runs on its node though the node is cordoned',
  (_, plan) => {
    expect(at(plan, 'spec.tolerations')).toContainEqual({
      key: 'node.kubernetes.io/unschedulable',
      operator: 'Exists',
      effect: 'NoSchedule',
    });
    expect(at(plan, 'spec.upgrade.image')).toBe(IMAGES.alpine);
  },
);

test('a pod enters nothing of the host but the mount namespace, and names the unit to run', () => {
  expect(runOnHost('selfheal-upgrade-gate')).toMatchObject({
    command: ['nsenter'],
    args: ['-t', '1', '-m', '--', '/usr/local/sbin/selfheal-upgrade-run.sh', 'selfheal-upgrade-gate'],
  });
});

test('every node may read the lock of a roll of reboots where workers wait for it, and nothing else', () => {
  const objects = objectsOf(homelab(), 'os-upgrade').filter(({ kind }) => kind !== 'Plan');

  expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)).toEqual([
    'Role kube-system/selfheal-upgrade-gate',
    'RoleBinding kube-system/selfheal-upgrade-gate',
  ]);
  expect(objects[0]?.rules).toEqual([
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: [LEASE.name], verbs: ['get'] },
  ]);
  expect(objects[1]?.metadata.namespace).toBe(LEASE.namespace);
  expect(objects[1]?.subjects).toEqual([
    { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:nodes' },
  ]);
});

test('a control plane reads it as the administrator that it is', () => {
  const objects = objectsOf(parsed(FULL_MICROK8S_SPEC), 'os-upgrade');

  expect(objects.map(({ kind }) => kind)).toEqual(['Plan']);
});

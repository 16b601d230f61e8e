import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { checks } from '../../../src/layers/checks/index.js';
import { readScript } from '../../../src/layers/script.js';
import { homelab, minimal, objectsOf, pvek8s } from '../../support/clusters.js';
import { headerVariables } from '../../support/fake-host.js';

const stateOf = (cluster: Cluster) => {
  const [group] = cluster.hosts;
  if (!group || !checks.hostState) throw new Error('expected a group of hosts');
  return checks.hostState(cluster, group);
};
const lamp = (checks: object) => minimal({ hosts: [{ nodes: ['lamp'], checks }] });
const contentOf = (cluster: Cluster, ending: string) =>
  stateOf(cluster).files.find(({ path }) => path.endsWith(ending))?.content ?? '';
const LIBRARY = '/usr/local/lib/selfheal/checks';

test('a host that does not ask for checks gets none, and its cluster no ServiceAccount', () => {
  expect(stateOf(homelab())).toMatchObject({ files: [], units: [] });
  expect(objectsOf(homelab(), 'checks')).toEqual([]);
});

test('a host gets its checks with their parts before them, and a timer', () => {
  expect(stateOf(lamp({})).files.map(({ path, mode }) => `${mode} ${path}`)).toEqual([
    `0644 ${LIBRARY}/plugin.sh`,
    `0644 ${LIBRARY}/verdict.sh`,
    `0644 ${LIBRARY}/cluster.sh`,
    `0644 ${LIBRARY}/nat-rules.sh`,
    `0644 ${LIBRARY}/unit-log.sh`,
    `0644 ${LIBRARY}/watchdog-report.sh`,
    `0755 ${LIBRARY}/check_k8s_scheduler_stall.sh`,
    `0755 ${LIBRARY}/check_sandbox_changed.sh`,
    `0755 ${LIBRARY}/check_k8s_nat_rules.sh`,
    `0755 ${LIBRARY}/check_kine_locks.sh`,
    `0755 ${LIBRARY}/make-kubeconfig.sh`,
    `0755 ${LIBRARY}/selfheal-checks.sh`,
    '0644 /etc/selfheal/checks.env',
    '0644 /etc/systemd/system/selfheal-checks.service',
    '0644 /etc/systemd/system/selfheal-checks.timer',
    '0644 /etc/nagios/nrpe.d/selfheal.cfg',
  ]);
  expect(stateOf(lamp({})).units).toEqual(['selfheal-checks.timer']);
});

test('NRPE runs what may ask the API server, and asks for the verdict of what needs root', () => {
  expect(contentOf(lamp({}), 'selfheal.cfg').split('\n')).toEqual([
    `command[check_k8s_scheduler_stall]=${LIBRARY}/check_k8s_scheduler_stall.sh`,
    `command[check_sandbox_changed]=${LIBRARY}/check_sandbox_changed.sh`,
    `command[check_k8s_nat_rules]=${LIBRARY}/check_k8s_nat_rules.sh --last`,
    `command[check_kine_locks]=${LIBRARY}/check_kine_locks.sh --last`,
    '',
  ]);
});

test('without NRPE there is only what root looks at, and nobody who may ask', () => {
  const paths = stateOf(lamp({ nrpe: 'off' })).files.map(({ path }) => path);

  expect(paths.filter((path) => /nagios|kubeconfig|scheduler|sandbox/.test(path))).toEqual([]);
  expect(paths).toContain(`${LIBRARY}/check_k8s_nat_rules.sh`);
  expect(contentOf(lamp({ nrpe: 'off' }), 'checks.env')).not.toContain('CHECKS_KUBECTL=');
  expect(objectsOf(lamp({ nrpe: 'off' }), 'checks')).toEqual([]);
});

test('the kubeconfig for NRPE is never an admin’s', () => {
  expect(contentOf(pvek8s(), 'checks.env')).toContain(
    'CHECKS_KUBECTL="/snap/microk8s/current/kubectl --kubeconfig=/etc/selfheal/checks.kubeconfig --server=https://127.0.0.1:16443"\n',
  );
  expect(contentOf(lamp({ nrpe: { kubeconfig: '/etc/nagios/kubeconfig' } }), 'checks.env')).toContain(
    'CHECKS_KUBECTL="/usr/local/bin/k3s kubectl --kubeconfig=/etc/nagios/kubeconfig --server=https://127.0.0.1:6443"\n',
  );
});

test('a host asks an IPv6 control plane by an address in brackets', () => {
  const cluster = minimal({ hosts: [{ nodes: ['lamp'], checks: {} }] });
  const [group] = cluster.hosts;
  if (!group || !checks.hostState) throw new Error('expected a group of hosts');
  const agent = { ...group, role: 'worker' as const };
  const asked = { ...cluster, controlPlane: { ...cluster.controlPlane, address: 'fd00::7' } };

  expect(checks.hostState(asked, agent).files.find(({ path }) => path.endsWith('checks.env'))?.content).toContain(
    'CHECKS_SERVER=https://[fd00::7]:6443\n',
  );
});

describe('a setting', () => {
  const scripts = readdirSync('src/layers/checks/scripts').filter((name) => name.endsWith('.sh'));
  const read = new Set(scripts.flatMap((name) => readScript('checks', name).match(/CHECKS_[A-Z_]+/g) ?? []));

  test('of a host is one that some script reads', () => {
    const given = contentOf(pvek8s(), 'checks.env').match(/^CHECKS_\w+/gm) ?? [];

    expect(given.length).toBeGreaterThan(20);
    expect(given.filter((name) => !read.has(name) && !read.has(name.replace('CHECKS_', '')))).toEqual([]);
  });

  test('that a check names in its header comes to the hosts that have the check', () => {
    const given = new Set(contentOf(pvek8s(), 'checks.env').match(/^CHECKS_\w+/gm));
    const files = stateOf(pvek8s()).files.filter(({ path }) => /\/check_\w+\.sh$/.test(path));

    expect(files.length).toBe(8);
    for (const { content } of files) {
      expect(headerVariables(content).length).toBeGreaterThan(0);
      expect(headerVariables(content).filter((name) => !given.has(name))).toEqual([]);
    }
  });
});

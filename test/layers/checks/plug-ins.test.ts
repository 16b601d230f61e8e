/** The table of checks against what stands for it elsewhere: alerts, their numbers, runbooks, files, the page. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { formatPromDuration } from '../../../src/cluster/duration.js';
import { checksEnvironment } from '../../../src/layers/checks/environment.js';
import { PLUG_INS, plugInsFor } from '../../../src/layers/checks/plug-ins.js';
import { LAYERS } from '../../../src/layers/index.js';
import { homelab, minimal, parsed, pvek8s } from '../../support/clusters.js';
import { FULL_K3S_SPEC, FULL_MICROK8S_SPEC } from '../../support/full-clusters.js';

const rulesOf = (cluster: Cluster) =>
  LAYERS.flatMap(({ alerts }) => alerts?.(cluster) ?? []).flatMap(({ rules }) =>
    rules.filter(({ kind }) => kind === 'alert'),
  );
const checked = (cluster: Cluster): Cluster => ({
  ...cluster,
  hosts: cluster.hosts.map((group) => ({ ...group, checks: { nrpe: { kubeconfig: '/etc/x' } } })),
});
const clusters = [homelab(), pvek8s(), parsed(FULL_K3S_SPEC), parsed(FULL_MICROK8S_SPEC)].map(checked);
const namesOn = (cluster: Cluster, index = 0) => {
  const group = checked(cluster).hosts[index];
  if (group === undefined) throw new Error('expected a group of hosts');
  return plugInsFor(cluster, group).map(({ name }) => name);
};

test('each file of a check is in the table, and each in the table is there', () => {
  const files = readdirSync('src/layers/checks/scripts').filter((name) => name.startsWith('check_'));

  expect(files.length).toBeGreaterThanOrEqual(10);
  expect([...new Set(PLUG_INS.map(({ script }) => script))].sort()).toEqual(files.sort());
});

describe('docs/layers/checks.md', () => {
  const page = readFileSync('docs/layers/checks.md', 'utf8');
  const told = [...page.matchAll(/^\| `(check_\w+)` \| (.+?) \|/gm)].map(([, name = '', alerts = '']) => ({
    name,
    alerts: [...alerts.matchAll(/\[(\w+)\]\(\.\.\/runbooks\/(\w+)\.md\)/g)].map(([, alert]) => alert),
  }));

  test('has a row for each check, with its alerts, and no other', () => {
    expect(told).toEqual(PLUG_INS.map(({ name, alerts }) => ({ name, alerts })));
  });
});

describe.each(PLUG_INS)('$name', ({ name, alerts }) => {
  test('stands for alerts that there are, each with its runbook', () => {
    const known = new Set(clusters.flatMap(rulesOf).map((rule) => rule.name));

    expect(alerts.length).toBeGreaterThan(0);
    for (const alert of alerts) {
      expect(known).toContain(alert);
      expect(existsSync(`docs/runbooks/${alert.toLowerCase()}.md`)).toBe(true);
    }
  });

  test('comes to some host', () => {
    const all = [...clusters, checked(minimal({ hosts: [{ nodes: ['lamp'] }] }))];

    expect(all.flatMap((cluster) => cluster.hosts.flatMap((_, index) => namesOn(cluster, index)))).toContain(name);
  });
});

const asRange = (value: string): string => `[${formatPromDuration({ seconds: Number(value) })}]`;

/** Where the number of an alert stands, by what the setting of the check says. */
const SAME: readonly (readonly [string, string, (value: string) => string])[] = [
  ['CHECKS_UNTOUCHED_SECONDS', 'SchedulerNotProcessingPods', (value) => `> ${value}`],
  ['CHECKS_UNTOUCHED_SECONDS', 'SchedulerLeaseHolderStalled', (value) => `> ${value}`],
  ['CHECKS_UNTOUCHED_WITH_CLAIM_SECONDS', 'SchedulerNotProcessingPods', (value) => `<= ${value}`],
  ['CHECKS_UNTOUCHED_WITH_CLAIM_SECONDS', 'SchedulerLeaseHolderStalled', (value) => `<= ${value}`],
  ['CHECKS_UNRENEWED_SECONDS', 'ControlPlaneLeaseNotRenewed', asRange],
  ['CHECKS_COREDNS_REPLICAS', 'CoreDnsReplicasLow', (value) => `< ${value}`],
  ['CHECKS_SANDBOX_ERRORS', 'PodSandboxStorm', (value) => `> ${value}`],
  ['CHECKS_SANDBOX_SECONDS', 'PodSandboxStorm', asRange],
  ['CHECKS_JIVA_QUORUM', 'JivaVolumeWithoutQuorum', (value) => `< ${value}`],
  ['CHECKS_JIVA_REPLICAS', 'JivaReplicaNotReady', (value) => `< ${value}`],
  ['CHECKS_CALICO_RESTARTS', 'CalicoNodeRestartingAfterReboot', (value) => `> ${value}`],
  ['CHECKS_CALICO_WINDOW_SECONDS', 'CalicoNodeRestartingAfterReboot', asRange],
  ['CHECKS_CALICO_BOOT_SECONDS', 'CalicoNodeRestartingAfterReboot', (value) => `< ${value}`],
  ['CHECKS_DATASTORE_SECONDS', 'DatastoreRequestErrors', asRange],
  ['CHECKS_WATCHDOG_SILENT_SECONDS', 'RcuWatchdogSilent', asRange],
  ['CHECKS_BACKUPS', 'BackupCronJobStale', (value) => `> ${/=(\d+)/.exec(value)?.[1]}`],
];

test.each(SAME)('%s is the number in %s', (setting, alert, written) => {
  const found = clusters.flatMap((cluster) => {
    const rule = rulesOf(cluster).find(({ name }) => name === alert);
    const values = cluster.hosts.flatMap((group) => {
      const value = group.checks && checksEnvironment(cluster, group, group.checks)[setting];
      return value === undefined || value === null ? [] : [String(value)];
    });
    return rule === undefined ? [] : values.map((value) => ({ expr: rule.expr, expected: written(value) }));
  });

  expect(found.length).toBeGreaterThan(0);
  for (const { expr, expected } of found) expect(expr).toContain(expected);
});

describe('a host gets', () => {
  test('no check of what its cluster has not', () => {
    expect(namesOn(minimal({ hosts: [{ nodes: ['lamp'] }] }))).toEqual([
      'check_k8s_scheduler_stall',
      'check_sandbox_changed',
      'check_k8s_nat_rules',
      'check_kine_locks',
    ]);
  });

  test('on pvek8s what its owner wished for', () => {
    expect(namesOn(pvek8s())).toEqual([
      'check_k8s_scheduler_stall',
      'check_k8s_lease_holder',
      'check_coredns_replicas',
      'check_sandbox_changed',
      'check_jiva_quorum',
      'check_k8s_nat_rules',
      'check_calico_node_restarts',
      'check_dqlite_locks',
    ]);
  });

  test('as an agent of k3s no look at a datastore, and with a watchdog one at it', () => {
    expect(namesOn(homelab(), 1)).toContain('check_rcu_watchdog');
    expect(namesOn(homelab(), 1)).not.toContain('check_kine_locks');
    expect(namesOn(homelab(), 0)).not.toContain('check_kine_locks');
  });
});

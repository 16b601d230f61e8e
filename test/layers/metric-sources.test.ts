import { describe, expect, test } from 'vitest';
import { isAtLeast, metricsIn, sourceOf, sourcesOf } from '../../src/layers/metric-sources.js';
import { homelab, minimal, pvek8s } from '../support/clusters.js';

const EXISTING = { install: 'existing', namespace: 'watch', ruleLabels: { release: 'prom' } } as const;
const HEARD = { ...EXISTING, textfileCollector: true } as const;

const reason = (metric: string, cluster = minimal({ monitoring: HEARD })) =>
  sourceOf(metric).missing?.(cluster) ?? null;

describe('a cluster', () => {
  test.each([
    ['node_boot_time_seconds', homelab()],
    ['kube_lease_renew_time', homelab()],
    ['selfheal_watchdog_up', homelab()],
    ['selfheal_backup_drill_last_status', homelab()],
    ['longhorn_volume_last_backup_at', homelab()],
    ['probe_success', homelab()],
    ['selfheal_check_status', pvek8s()],
  ])('lacks no %s where what it takes is described', (metric, cluster) => {
    const heard = { ...cluster, monitoring: cluster.monitoring && { ...cluster.monitoring, textfileCollector: true } };

    expect(reason(metric, heard)).toBeNull();
  });

  test.each([
    ['kube_lease_renew_time', 'k3s on SQLite'],
    ['selfheal_watchdog_up', 'no host has the RCU watchdog'],
    ['selfheal_bootstrap_up', 'no host is described'],
    ['selfheal_check_status', 'no host has the checks'],
    ['selfheal_backup_last_status', 'no backup in the form "snapshots"'],
    ['selfheal_backup_drill_last_status', 'no backup in the form "snapshots"'],
    ['longhorn_volume_robustness', 'Longhorn is not described'],
    ['probe_success', 'no prober outside the cluster'],
  ])('with nothing described lacks %s, and the reason says why', (metric, why) => {
    expect(reason(metric)).toContain(why);
  });

  test('whose node_exporter reads no textfiles lacks all that we write', () => {
    const deaf = { ...homelab(), monitoring: minimal({ monitoring: EXISTING }).monitoring };

    for (const metric of ['node_textfile_mtime_seconds', 'selfheal_watchdog_up', 'selfheal_backup_last_status'])
      expect(reason(metric, deaf)).toContain('monitoring.textfileCollector');
    expect(reason('node_boot_time_seconds', deaf)).toBeNull();
  });

  test('with a Longhorn that is too old is told which version it takes', () => {
    const old = minimal({ monitoring: HEARD, longhorn: { version: '1.10.2', backupTarget: { kind: 'none' } } });

    expect(reason('longhorn_volume_last_backup_at', old)).toBe('Longhorn 1.10.2 does not export it, 1.11.0 does');
    expect(reason('longhorn_volume_robustness', old)).toBeNull();
  });
});

test.each([
  ['1.10.9', '1.11.0', false],
  ['0.99.9', '1.0', false],
  ['1.11.0', '1.11.0', true],
  ['1.11', '1.11.0', true],
  ['v2.0.0', '1.11.0', true],
  ['1.11.0-rc1', '1.11.0', true],
  ['latest', '1.0', false],
])('%s is as late as %s: %s', (version, since, expected) => {
  expect(isAtLeast(version, since)).toBe(expected);
});

describe('the metrics of an expression', () => {
  test('are no texts, no labels and no functions', () => {
    const expr = 'max by (node_name) (rate(node_procs_blocked{kube_x="a) node_y"}[5m])) and on (kube_z) kube_pod_info';

    expect(metricsIn(expr)).toEqual(['node_procs_blocked', 'kube_pod_info']);
  });

  test('are those of the rule where a series is recorded, however deep', () => {
    const recorded = new Map([
      ['a:b:c', 'max(d:e:f)'],
      ['d:e:f', 'node_time_seconds - kube_pod_created'],
    ]);

    expect(metricsIn('resets(a:b:c[1h]) > 2', recorded)).toEqual(['node_time_seconds', 'kube_pod_created']);
    expect(sourcesOf('a:b:c', recorded).map(({ exporter }) => exporter)).toEqual([
      'node_exporter',
      'kube-state-metrics',
    ]);
  });

  test('have a source each, or none at all is told', () => {
    expect(() => sourceOf('nobody_knows')).toThrow("metric 'nobody_knows': expected one of METRIC_SOURCES, got none");
  });
});

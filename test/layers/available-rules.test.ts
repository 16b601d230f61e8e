import { describe, expect, test } from 'vitest';
import { availableRules, needs, recordings } from '../../src/layers/available-rules.js';
import type { AlertRule, RuleGroup } from '../../src/layers/rule-group.js';
import { alertsOf } from '../../src/synth/render.js';
import { synthesize } from '../../src/synth/synthesize.js';
import { attic } from '../support/alerts.js';
import { homelab, minimal, pvek8s } from '../support/clusters.js';

const alert = (name: string, expr: string): AlertRule => ({
  kind: 'alert',
  name,
  expr,
  for: null,
  severity: 'warning',
  summary: 'One.',
  description: 'Two.',
});

const DEAF = minimal({ monitoring: { install: 'existing', namespace: 'watch', ruleLabels: { release: 'prom' } } });

describe('a cluster whose node_exporter reads no textfiles', () => {
  const recorded = { kind: 'record', name: 'node:told:max', expr: 'max by (node) (selfheal_watchdog_up)' } as const;
  const group: RuleGroup = {
    name: 'selfheal.x',
    rules: [recorded, alert('Told', 'node:told:max == 0'), alert('Rebooted', 'node_boot_time_seconds > 5')],
  };

  test('keeps what it can evaluate', () => {
    const { groups } = availableRules(DEAF, [group]);

    expect(groups.map(({ rules }) => rules.map(({ name }) => name))).toEqual([['Rebooted']]);
  });

  test('is told what it cannot have and why, also where it is hidden behind a recording', () => {
    const { leftOut } = availableRules(DEAF, [group]);

    expect(leftOut).toEqual([
      {
        alert: 'Told',
        because: 'node_exporter does not read the textfile folder (monitoring.textfileCollector)',
      },
    ]);
  });

  test('has no group without rules', () => {
    expect(availableRules(DEAF, [{ ...group, rules: [recorded] }]).groups).toEqual([]);
  });
});

test('what Prometheus does not scrape takes the alerts with it that need it, and no others', () => {
  const without = (...notScraped: readonly ('kubelet' | 'kube-apiserver')[]) =>
    alertsOf(
      minimal({
        monitoring: { install: 'existing', namespace: 'watch', ruleLabels: { release: 'prom' }, notScraped },
      }),
    ).leftOut.filter(({ because }) => because.includes('notScraped'));

  expect(without()).toEqual([]);
  expect(without('kubelet', 'kube-apiserver')).toEqual([
    {
      alert: 'PodSandboxStorm',
      because: 'Prometheus does not scrape kubelet (monitoring.notScraped)',
    },
    {
      alert: 'DatastoreRequestErrors',
      because: 'Prometheus does not scrape kube-apiserver (monitoring.notScraped)',
    },
  ]);
});

test('an alert needs each program once, in the newest of the versions that its metrics ask for', () => {
  const rule = alert('A', 'node_watchdog_info == 0 and on () node_time_seconds > 1 and on () node:b:max == 1');
  const groups = [
    { name: 'selfheal.x', rules: [{ kind: 'record', name: 'node:b:max', expr: 'kube_lease_renew_time' }] },
  ] as const;

  expect(needs(rule, recordings(groups))).toBe('node_exporter >= 1.8.0, kube-state-metrics >= 2.9.0');
});

test('k3s on SQLite is told that it has no leases', () => {
  const reasons = Object.fromEntries(alertsOf(attic()).leftOut.map(({ alert, because }) => [alert, because]));

  expect(reasons).toMatchObject({
    ControlPlaneLeaseNotRenewed: 'k3s on SQLite runs without leader election and keeps no leases',
  });
});

test('synth says by cluster what was left out, and nothing of a cluster without a Prometheus', () => {
  const { leftOut } = synthesize([homelab(), pvek8s(), minimal()]);

  expect([...leftOut.keys()]).toEqual(['homelab', 'pvek8s']);
  expect(leftOut.get('homelab')).toEqual([]);
  expect(leftOut.get('pvek8s')?.map(({ alert }) => alert)).toContain('NodeBootstrapDrifted');
});

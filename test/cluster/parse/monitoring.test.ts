import { expect, test } from 'vitest';
import { MINIMAL_SPEC, minimal } from '../../support/clusters.js';
import { issuesOfSpec } from '../../support/issues.js';

const EXISTING = { install: 'existing', namespace: 'watch', ruleLabels: { release: 'prom' } } as const;
const URL_SECRET = { name: 'receivers', key: 'page' };

const issuesOf = (monitoring: object) => issuesOfSpec({ ...MINIMAL_SPEC, monitoring });

test('a receiver that would never reach the Alertmanager is refused', () => {
  const issues = issuesOf({ ...EXISTING, notify: { kind: 'slack', urlSecret: URL_SECRET } });

  expect(issues).toEqual([
    'monitoring.alertmanagerConfigLabels: expected the labels by which this Alertmanager selects AlertmanagerConfigs (notify needs them), got nothing',
  ]);
});

test('a URL is no Secret, and is not shown', () => {
  const issues = issuesOf({
    ...EXISTING,
    alertmanagerConfigLabels: { release: 'prom' },
    notify: { kind: 'webhook', urlSecret: { name: 'https://hooks.example/T0/B0/abc', key: 'page' } },
  });

  expect(issues).toHaveLength(1);
  expect(issues[0]).toMatch(/^monitoring\.notify\.urlSecret\.name: expected the name of a Secret/);
  expect(issues[0]).not.toContain('hooks.example');
});

test('nobody is told unless the description says who', () => {
  expect(minimal({ monitoring: EXISTING }).monitoring).toMatchObject({ notify: null, alertmanagerConfigLabels: null });
});

test('who is told hears of the alerts from here, and of warnings in the same place', () => {
  const { monitoring } = minimal({
    monitoring: {
      install: 'kube-prometheus-stack',
      requiredNode: 'lamp',
      notify: { kind: 'slack', urlSecret: URL_SECRET },
    },
  });

  expect(monitoring?.notify).toEqual({
    kind: 'slack',
    urlSecret: URL_SECRET,
    warningUrlSecret: null,
    alerts: 'selfheal',
  });
});

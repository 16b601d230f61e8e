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

test('it is refused whatever else is wrong', () => {
  const issues = issuesOf({ ...EXISTING, textfileCollector: 'yes', notify: { kind: 'slack', urlSecret: URL_SECRET } });

  expect(issues).toEqual([
    'monitoring.textfileCollector: expected true or false, got "yes"',
    expect.stringMatching(/^monitoring\.alertmanagerConfigLabels: expected the labels .+, got nothing$/),
  ]);
});

test.each(['urlSecret', 'warningUrlSecret'])('a URL in the place of %s is not shown', (key) => {
  const issues = issuesOf({
    install: 'kube-prometheus-stack',
    requiredNode: 'lamp',
    notify: { kind: 'slack', urlSecret: URL_SECRET, [key]: 'https://hooks.example/T0/B0/abc' },
  });

  expect(issues).toEqual([
    `monitoring.notify.${key}: expected an object with name and key of a Secret, got a text of 31 characters (not shown)`,
  ]);
});

test.each(['runbooks.example/x', 'git@git.example:me/attic.git', 'https://me:pw@git.example/x', 'https://', ''])(
  'no browser opens a runbook at %j',
  (runbookBaseUrl) => {
    expect(issuesOf({ ...EXISTING, runbookBaseUrl })).toEqual([
      expect.stringMatching(/^monitoring\.runbookBaseUrl: expected an http or https URL without a password, e\.g\. /),
    ]);
  },
);

test('a key of the other way to install is told to be one', () => {
  const chart = { install: 'kube-prometheus-stack', requiredNode: 'lamp' };

  expect(issuesOf({ ...chart, notScraped: [] })).toEqual([
    'monitoring.notScraped: unknown key; it belongs to install "existing"',
  ]);
  expect(issuesOf({ ...EXISTING, requiredNode: 'lamp' })).toEqual([
    'monitoring.requiredNode: unknown key; it belongs to install "kube-prometheus-stack"',
  ]);
});

test('labels are shown by an example', () => {
  expect(issuesOf({ ...EXISTING, ruleLabels: 'prom' })).toEqual([
    'monitoring.ruleLabels: expected an object, e.g. { release: "kube-prometheus-stack" }, got "prom"',
  ]);
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

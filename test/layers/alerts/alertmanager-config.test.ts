import { describe, expect, test } from 'vitest';
import homelabSpec from '../../../src/clusters/homelab.js';
import { alertmanagerConfigOf } from '../../support/alertmanager-config.js';
import { alertNames, rulesOf } from '../../support/alerts.js';
import { homelab, minimal, objectsOf, parsed, pvek8s } from '../../support/clusters.js';

const EXISTING = { install: 'existing', namespace: 'watch', ruleLabels: { release: 'prom' } } as const;

const told = (notify?: object) =>
  alertmanagerConfigOf(parsed({ ...homelabSpec, monitoring: { ...homelabSpec.monitoring, notify } }))?.spec;

test('an Alertmanager that nobody said how to reach gets none', () => {
  expect(alertmanagerConfigOf(pvek8s())).toBeUndefined();
  expect(alertmanagerConfigOf(minimal())).toBeUndefined();
});

test('one that is there already gets it by the labels that it looks for, beside the rules', () => {
  const cluster = minimal({ monitoring: { ...EXISTING, alertmanagerConfigLabels: { team: 'night' } } });

  expect(alertmanagerConfigOf(cluster)?.metadata).toEqual({
    name: 'selfheal',
    namespace: 'watch',
    labels: { team: 'night' },
    annotations: { 'kubernetes.io/description': expect.stringContaining('docs/inhibitions.md') },
  });
});

test('without anybody to tell it only says what silences what', () => {
  expect(Object.keys(told() ?? {})).toEqual(['inhibitRules']);
  expect(told()?.inhibitRules.length).toBeGreaterThan(10);
});

describe('who is told', () => {
  const config = alertmanagerConfigOf(homelab())?.spec;
  const matcher = (label: string) => config?.route?.matchers.find(({ name }) => name === label)?.value.split('|') ?? [];

  test('hears every alert of this cluster, and nobody hears news', () => {
    expect(matcher('alertname').sort()).toEqual([...alertNames(homelab())].sort());
    expect(matcher('severity')).toEqual(['critical', 'warning']);
    expect(rulesOf(homelab()).map(({ labels }) => labels?.severity)).toContain('info');
  });

  test('hears what wakes at once and each hour, the rest gathered and each day', () => {
    const [page] = config?.route?.routes ?? [];

    expect(page).toMatchObject({ receiver: 'page', groupWait: '30s', repeatInterval: '1h' });
    expect(page?.matchers).toEqual([{ name: 'severity', matchType: '=', value: 'critical' }]);
    expect(config?.route).toMatchObject({ receiver: 'message', groupWait: '5m', repeatInterval: '24h' });
    for (const route of [page, config?.route]) expect(route?.groupBy).toEqual(['alertname', 'node']);
  });

  test('is named by a Secret alone', () => {
    expect(config?.receivers).toEqual([
      { name: 'page', webhookConfigs: [{ urlSecret: { name: 'alert-receivers', key: 'page' }, sendResolved: true }] },
      {
        name: 'message',
        webhookConfigs: [{ urlSecret: { name: 'alert-receivers', key: 'message' }, sendResolved: true }],
      },
    ]);
  });

  test('may be one place for both, and hear the alerts of others', () => {
    const spec = told({ kind: 'slack', urlSecret: { name: 'chat', key: 'url' }, alerts: 'all' });

    expect(spec?.receivers?.map(({ slackConfigs }) => slackConfigs?.[0]?.apiURL)).toEqual([
      { name: 'chat', key: 'url' },
      { name: 'chat', key: 'url' },
    ]);
    expect(spec?.route?.matchers.map(({ name }) => name)).toEqual(['severity']);
  });
});

test('every object of the alerts is in the one namespace that its Application may write to', () => {
  const namespaces = objectsOf(homelab(), 'alerts').map(({ metadata }) => metadata.namespace);

  expect(namespaces.length).toBeGreaterThan(5);
  expect(new Set(namespaces)).toEqual(new Set(['monitoring']));
});

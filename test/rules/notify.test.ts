/** What arrives at a person, by a real Alertmanager and a real webhook. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import homelabSpec from '../../src/clusters/homelab.js';
import { ALERTMANAGER, type Alertmanager, post, startAlertmanager, startWebhook } from '../support/alertmanager.js';
import { alertmanagerConfigOf, alertmanagerYml } from '../support/alertmanager-config.js';
import { parsed } from '../support/clusters.js';
import { firedLabels } from '../support/fired-labels.js';
import { describeWith } from '../support/tools.js';

type Labels = Readonly<Record<string, string>>;

/** Minutes become tenths of a second, so that nobody waits; the order stays. */
const HURRIED: Readonly<Record<string, string>> = { '30s': '100ms', '1m': '200ms', '5m': '1s', '30m': '2s' };

const ymlFor = (notify: unknown, url: string): string => {
  const cluster = parsed({ ...homelabSpec, monitoring: { ...homelabSpec.monitoring, notify } });
  const config = alertmanagerConfigOf(cluster);
  if (config === undefined) throw new Error('homelab: expected an AlertmanagerConfig, got none');
  return alertmanagerYml(config, ({ key }) => `${url}/${key}`).replaceAll(
    /(group_(?:wait|interval)): (\w+)/g,
    (all, name: string, time: string) => (HURRIED[time] ? `${name}: ${HURRIED[time]}` : all),
  );
};

const annotations = { summary: 'What it is.', description: 'What is affected.', runbook_url: 'https://runbooks/x.md' };

describeWith([ALERTMANAGER], 'Alertmanager', () => {
  let webhook: Awaited<ReturnType<typeof startWebhook>>;
  let alertmanager: Alertmanager;
  const fired = firedLabels();
  const alert = (name: string, labels: Labels = {}): Labels => ({ ...fired.get(name), ...labels });
  const fire = (...labels: readonly Labels[]) =>
    post(
      alertmanager.url,
      labels.map((each) => ({ labels: each, annotations })),
    );
  const arrived = (path: string): readonly string[] =>
    webhook.messages
      .filter((message) => message.path === path)
      .map(
        ({ status, alerts }) =>
          `${status} ${alerts.map(({ labels }) => `${labels.alertname} ${labels.node ?? '-'}`).join(', ')}`,
      );

  beforeAll(async () => {
    webhook = await startWebhook();
    alertmanager = await startAlertmanager(ymlFor(homelabSpec.monitoring?.notify, webhook.url));
  });
  afterAll(async () => {
    await alertmanager.stop();
    await webhook.stop();
  });

  test('a loop of reboots is one page, a warning one message, and neither news nor the alerts of others are any', async () => {
    const loop = ['NodeRepeatedReboots', 'NodeUnexpectedReboot', 'RcuWatchdogRebootedNode', 'RcuWatchdogBudgetSpent'];
    await fire(
      ...loop.map((name) => alert(name, { node: 'jarvis' })),
      alert('NodeUnexpectedReboot', { node: 'ultron' }),
      alert('RcuWatchdogUncalibrated'),
      { alertname: 'KubePodCrashLooping', severity: 'critical', namespace: 'web' },
    );

    await expect.poll(() => arrived('/message'), { timeout: 10_000 }).toHaveLength(1);
    expect(arrived('/page')).toEqual(['firing NodeRepeatedReboots jarvis']);
    expect(arrived('/message')).toEqual(['firing NodeUnexpectedReboot ultron']);
    // Longer than whatever else might have been gathered.
    await sleep(1500);
    expect(webhook.messages).toHaveLength(2);
    expect(webhook.messages[0]?.alerts[0]?.annotations).toEqual(annotations);
  });

  test('two volumes without a quorum are one page, two nodes that are gone are two', async () => {
    const seen = webhook.messages.length;
    await fire(
      alert('LonghornVolumeFaulted', { volume: 'pvc-1' }),
      alert('LonghornVolumeFaulted', { volume: 'pvc-2' }),
      alert('NodeUnreachableFromOutside', { node: 'jarvis' }),
      alert('NodeUnreachableFromOutside', { node: 'ultron' }),
    );

    await expect.poll(() => webhook.messages.length, { timeout: 10_000 }).toBe(seen + 3);
    expect(arrived('/page').slice(1).sort()).toEqual([
      'firing LonghornVolumeFaulted -, LonghornVolumeFaulted -',
      'firing NodeUnreachableFromOutside jarvis',
      'firing NodeUnreachableFromOutside ultron',
    ]);
  });

  test('it is said when it is over', async () => {
    const over = alert('NodeUnreachableFromOutside', { node: 'jarvis' });
    await post(alertmanager.url, [{ labels: over, endsAt: new Date(Date.now() - 1000).toISOString() }]);

    await expect
      .poll(() => arrived('/page'), { timeout: 10_000 })
      .toContain('resolved NodeUnreachableFromOutside jarvis');
  });

  test("all alerts are those of others too, and Slack gets a text that names the node and the runbook's page", async () => {
    const own = await startWebhook();
    const notify = { kind: 'slack', urlSecret: { name: 'receivers', key: 'slack' }, alerts: 'all' };
    const other = await startAlertmanager(ymlFor(notify, own.url));
    const labels = { alertname: 'KubeNodeNotReady', severity: 'critical', node: 'ultron' };

    await post(other.url, [{ labels, annotations }]);

    await expect.poll(() => own.messages.length, { timeout: 10_000 }).toBe(1);
    const text = JSON.stringify(own.messages[0]);
    await other.stop();
    await own.stop();
    expect(own.messages[0]?.path).toBe('/slack');
    expect(text).toContain('FIRING: KubeNodeNotReady on ultron (critical)');
    for (const words of Object.values(annotations)) expect(text).toContain(words);
  });
});

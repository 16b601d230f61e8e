/** What silences what, by a real Alertmanager with the chart's own configuration beside ours. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.js';
import pvek8sSpec from '../../src/clusters/pvek8s.js';
import { applicable, type Inhibition, inhibitions, type Where } from '../../src/layers/alerts/inhibitions.js';
import { ALERTMANAGER, type Alertmanager, alertStates, post, startAlertmanager } from '../support/alertmanager.js';
import { alertmanagerConfigOf, alertmanagerYml } from '../support/alertmanager-config.js';
import { alertNames, attic } from '../support/alerts.js';
import { homelab, parsed } from '../support/clusters.js';
import { firedLabels } from '../support/fired-labels.js';
import { describeWith } from '../support/tools.js';

type Labels = Readonly<Record<string, string>>;

const CLUSTERS: readonly (readonly [string, Cluster])[] = [
  ['homelab', homelab()],
  [
    'pvek8s',
    parsed({
      ...pvek8sSpec,
      monitoring: {
        ...pvek8sSpec.monitoring,
        alertmanagerConfigLabels: { release: 'kube-prom-stack' },
        textfileCollector: true,
      },
    }),
  ],
  ['attic', attic()],
];

const ymlOf = (cluster: Cluster): string => {
  const config = alertmanagerConfigOf(cluster);
  if (config === undefined) throw new Error(`cluster '${cluster.name}': expected an AlertmanagerConfig, got none`);
  return alertmanagerYml(config, () => 'http://127.0.0.1:9/');
};

const entriesOf = (cluster: Cluster): readonly Inhibition[] =>
  applicable(inhibitions(cluster), new Set(alertNames(cluster)));

/** Each source with each target of an entry: one pair is one claim. */
const pairsOf = (cluster: Cluster) =>
  entriesOf(cluster).flatMap((entry) =>
    entry.source.alerts.flatMap((source) =>
      entry.target.alerts.map((target) => ({ entry, source, target, title: `${source} hides ${target}` })),
    ),
  );

const titled = <T extends { readonly title: string }>(claims: readonly T[]) =>
  claims.map((claim) => [claim.title, claim] as const);

const fired = firedLabels();

const alert = (name: string, where: Where = {}, labels: Labels = {}): Labels => {
  const real = fired.get(name);
  if (real === undefined) throw new Error(`alert '${name}': expected a case in test/rules in which it fires`);
  const narrowed = Object.fromEntries(Object.entries(where).map(([label, [value = '']]) => [label, value]));
  return { ...real, ...narrowed, ...labels };
};

/** The same with other values in all that ties it to the source: another node, another volume. */
const elsewhere = (labels: Labels, tied: readonly string[]): Labels => ({
  ...labels,
  ...Object.fromEntries(tied.map((label) => [label, `${labels[label]}-2`])),
});

test('each claim is tried on some cluster', () => {
  const tried = new Set(CLUSTERS.flatMap(([, cluster]) => pairsOf(cluster).map(({ title }) => title)));
  const claimed = CLUSTERS.flatMap(([, cluster]) => inhibitions(cluster)).flatMap(({ source, target }) =>
    source.alerts.flatMap((one) => target.alerts.map((other) => `${one} hides ${other}`)),
  );

  expect(claimed.length).toBeGreaterThan(15);
  expect([...tried].sort()).toEqual([...new Set(claimed)].sort());
});

describeWith([ALERTMANAGER, 'amtool'], 'Alertmanager', () => {
  describe.each(CLUSTERS)('%s', (_, cluster) => {
    let alertmanager: Alertmanager;
    beforeAll(async () => {
      alertmanager = await startAlertmanager(ymlOf(cluster));
    });
    afterAll(() => alertmanager.stop());

    const hidden = async (labels: Labels): Promise<boolean> => {
      const states = await alertStates(alertmanager.url);
      const found = states.find((state) => same(state.labels, labels));
      if (found === undefined) throw new Error(`alert ${JSON.stringify(labels)}: expected it to be known`);
      return found.status.inhibitedBy.length > 0;
    };
    const fire = (...labels: readonly Labels[]) =>
      post(
        alertmanager.url,
        labels.map((each) => ({ labels: each })),
      );
    const resolve = (...labels: readonly Labels[]) =>
      post(
        alertmanager.url,
        labels.map((each) => ({ labels: each, endsAt: new Date(Date.now() - 1000).toISOString() })),
      );

    test.each(titled(pairsOf(cluster)))('%s', async (_, { entry, source, target }) => {
      const cause = alert(source, entry.source.where);
      const same = Object.fromEntries(entry.equal.map((label) => [label, cause[label] ?? '']));
      const effect = alert(target, entry.target.where, same);
      const tied = [...entry.equal, ...Object.keys(entry.target.where ?? {})];
      const others = [
        ...(tied.length > 0 ? [elsewhere(effect, tied)] : []),
        // To Alertmanager a label that is missing equals one that is empty.
        ...entry.equal.map((label) => ({ ...effect, [label]: '' })),
      ];

      await fire(effect, ...others);
      expect(await hidden(effect), 'before the source fires').toBe(false);

      await fire(cause);
      await expect.poll(() => hidden(effect), { timeout: 10_000 }).toBe(true);
      for (const other of others) expect(await hidden(withoutEmpty(other)), JSON.stringify(other)).toBe(false);
      expect(await hidden(cause), 'the source itself').toBe(false);

      await resolve(cause);
      await expect.poll(() => hidden(effect), { timeout: 10_000 }).toBe(false);
      await resolve(effect, ...others);
    });

    const narrowed = pairsOf(cluster).filter(({ entry }) => entry.source.where !== undefined);

    test.each(titled(narrowed))('%s: not by another source', async (_, { entry, source, target }) => {
      const cause = elsewhere(alert(source, entry.source.where), Object.keys(entry.source.where ?? {}));
      const effect = alert(target, entry.target.where);

      await fire(effect, cause);
      await sleep(300);

      expect(await hidden(effect)).toBe(false);
      await resolve(cause, effect);
    });

    test('a source that lacks the label hides nothing that lacks it too', async () => {
      const { node: _, ...cause } = alert('NodeRepeatedReboots');
      const { node: __, ...effect } = alert('NodeUnexpectedReboot');

      await fire(cause, effect);
      await sleep(300);

      expect(await hidden(effect)).toBe(false);
      await resolve(cause, effect);
    });

    test('amtool takes the configuration', () => {
      const folder = mkdtempSync(join(tmpdir(), 'selfheal-amtool-'));
      writeFileSync(join(folder, 'alertmanager.yml'), ymlOf(cluster));

      const { status, stdout, stderr } = spawnSync('amtool', ['check-config', join(folder, 'alertmanager.yml')], {
        encoding: 'utf8',
      });

      rmSync(folder, { recursive: true });
      expect(stdout + stderr).toContain('SUCCESS');
      expect(status).toBe(0);
    });
  });
});

const withoutEmpty = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));

const same = (left: Labels, right: Labels): boolean =>
  Object.keys(left).length === Object.keys(right).length &&
  Object.entries(left).every(([label, value]) => right[label] === value);

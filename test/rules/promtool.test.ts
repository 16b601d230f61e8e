/** Every alert fires and stays silent as its cases in `<cluster>/<layer>.yaml` say, by the real promtool. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Cluster } from '../../src/cluster/cluster.js';
import { ALERTED, alertNames, groupsInDist, rulesOf } from '../support/alerts.js';
import { describeWith } from '../support/tools.js';
import { type Groups, neededFor } from './world/needed-rules.js';

interface Case {
  readonly name: string;
  readonly promql_expr_test: readonly { expr: string; exp_samples: readonly { labels: string }[] }[];
}

const here = new URL('.', import.meta.url);

const suites = [...ALERTED.keys()].flatMap((cluster) =>
  readdirSync(new URL(cluster, here)).map((file) => {
    const text = readFileSync(new URL(`${cluster}/${file}`, here), 'utf8');
    return { cluster, file, cases: parse(text).tests as readonly Case[] };
  }),
);

const expectations = suites.flatMap(({ cases }) => cases.flatMap((one) => one.promql_expr_test));

/** The expectations about one alert. A case that speaks of all alerts at once would say nothing about any of them. */
const about = (alert: string) => expectations.filter(({ expr }) => expr.includes(`alertname="${alert}"`));

const everyAlert = [...new Set([...ALERTED.values()].flatMap((cluster) => alertNames(cluster())))];

test('there are cases and alerts to look at', () => {
  expect(suites.length).toBeGreaterThan(10);
  expect(everyAlert.length).toBeGreaterThan(30);
});

test.each(everyAlert)('%s has a case in which it stays silent and one in which it fires', (alert) => {
  const samples = about(alert).map(({ exp_samples }) => exp_samples.length);

  expect(samples).toContain(0);
  expect(Math.max(...samples)).toBeGreaterThan(0);
});

test.each(everyAlert)('the description of %s uses only labels that the firing alert has', (alert) => {
  const [rule] = [...ALERTED.values()].flatMap((cluster) => rulesOf(cluster()).filter((each) => each.alert === alert));
  const used = [...(rule?.annotations?.description ?? '').matchAll(/\$labels\.(\w+)/g)].map(([, name]) => name);
  const fired = about(alert).flatMap(({ exp_samples }) => exp_samples.map(({ labels }) => labels));

  for (const labels of fired) for (const name of used) expect(labels).toMatch(new RegExp(`[{,]${name}=`));
});

describeWith(['promtool'], 'promtool', () => {
  const folder = mkdtempSync(join(tmpdir(), 'selfheal-rules-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function promtool(groups: Groups, ...args: readonly string[]) {
    writeFileSync(join(folder, 'rules.yaml'), stringify({ groups }));
    const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
    return { status, output: stdout + stderr };
  }

  test.each([...ALERTED])('accepts the rules of %s', (_, make) => {
    const { status, output } = promtool(groupsInDist(make()), 'check', 'rules', '--lint-fatal', 'rules.yaml');

    expect(output).toContain('SUCCESS');
    expect(status).toBe(0);
  });

  test.each(suites)('$cluster/$file', ({ cluster, file }) => {
    copyFileSync(new URL(`${cluster}/${file}`, here), join(folder, file));
    const groups = groupsInDist(clusterOf(cluster));
    // What a case does not name it does not see.
    const text = readFileSync(join(folder, file), 'utf8');
    const named = groups.flatMap(({ rules }) => rules.flatMap(({ alert, record }) => alert ?? record ?? []));

    const { status, output } = promtool(
      neededFor(
        named.filter((name) => text.includes(name)),
        groups,
      ),
      'test',
      'rules',
      file,
    );

    expect(output).toContain('SUCCESS');
    expect(status, output).toBe(0);
  });
});

function clusterOf(name: string): Cluster {
  const make = ALERTED.get(name);
  if (make === undefined) throw new Error(`cluster '${name}': expected one with alerts, got none`);
  return make();
}

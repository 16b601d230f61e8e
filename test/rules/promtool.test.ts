/** Every alert fires and stays silent as its cases in `<cluster>/<layer>.yaml` say, by the real promtool. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { ALERTED, alertNames, groupsOf, rulesOf } from '../support/alerts.js';
import { describeWith } from '../support/tools.js';

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

  function promtool(cluster: string, ...args: readonly string[]) {
    const make = ALERTED.get(cluster);
    if (make === undefined) throw new Error(`cluster '${cluster}': expected one with alerts, got none`);
    writeFileSync(join(folder, 'rules.yaml'), stringify({ groups: groupsOf(make()) }));
    const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
    return { status, output: stdout + stderr };
  }

  test.each([...ALERTED.keys()])('accepts the rules of %s', (cluster) => {
    const { status, output } = promtool(cluster, 'check', 'rules', '--lint-fatal', 'rules.yaml');

    expect(output).toContain('SUCCESS');
    expect(status).toBe(0);
  });

  test.each(suites)('$cluster/$file', ({ cluster, file }) => {
    copyFileSync(new URL(`${cluster}/${file}`, here), join(folder, file));

    const { status, output } = promtool(cluster, 'test', 'rules', file);

    expect(output).toContain('SUCCESS');
    expect(status, output).toBe(0);
  });
});

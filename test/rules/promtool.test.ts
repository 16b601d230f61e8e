/** Every alert fires and stays silent as its cases in `<cluster>/<layer>.yaml` say, by the real promtool. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Cluster } from '../../src/cluster/cluster.js';
import { ALERTED, groupsInDist, rulesOf } from '../support/alerts.js';
import { describeWith } from '../support/tools.js';
import { neededFor } from './world/needed-rules.js';
import { promtool } from './world/promtool.js';

interface Case {
  readonly name: string;
  readonly promql_expr_test: readonly { expr: string; exp_samples: readonly { labels: string }[] }[];
}

const here = new URL('.', import.meta.url);

const suites = [...ALERTED.keys()].flatMap((cluster) =>
  readdirSync(new URL(cluster, here)).map((file) => {
    const text = readFileSync(new URL(`${cluster}/${file}`, here), 'utf8');
    const { tests, ...settings } = parse(text);
    return { cluster, file, settings, cases: tests as readonly Case[] };
  }),
);

const expectations = suites.flatMap(({ cases }) => cases.flatMap((one) => one.promql_expr_test));

/** The expectations about one alert. A case that speaks of all alerts at once would say nothing about any of them. */
const about = (alert: string) => expectations.filter(({ expr }) => expr.includes(`alertname="${alert}"`));

const rules = [...ALERTED.values()].flatMap((make) => rulesOf(make()));
const everyAlert = [...new Set(rules.flatMap(({ alert }) => alert ?? []))];

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
  const rule = rules.find((each) => each.alert === alert);
  const used = [...(rule?.annotations?.description ?? '').matchAll(/\$labels\.(\w+)/g)].map(([, name]) => name);
  const fired = about(alert).flatMap(({ exp_samples }) => exp_samples.map(({ labels }) => labels));

  for (const labels of fired) for (const name of used) expect(labels).toMatch(new RegExp(`[{,]${name}=`));
});

describeWith(['promtool'], 'promtool', () => {
  test.each([...ALERTED])('accepts the rules of %s', (_, make) => {
    const files = new Map([['rules.yaml', stringify({ groups: groupsInDist(make()) })]]);

    const { status, output } = promtool(files, 'check', 'rules', '--lint-fatal', 'rules.yaml');

    expect(output).toContain('SUCCESS');
    expect(status).toBe(0);
  });

  test.each(suites)('$cluster/$file', ({ cluster, settings, cases }) => {
    const groups = groupsInDist(clusterOf(cluster));
    const named = groups.flatMap(({ rules }) => rules.flatMap(({ alert, record }) => alert ?? record ?? []));
    const files = cases.flatMap((one, index): readonly (readonly [string, string])[] => {
      const text = JSON.stringify(one);
      // What a case does not name it does not see.
      const needed = neededFor(
        named.filter((name) => text.includes(name)),
        groups,
      );
      return [
        [`rules-${index}.yaml`, JSON.stringify({ groups: needed })],
        [`case-${index}.yaml`, JSON.stringify({ ...settings, rule_files: [`rules-${index}.yaml`], tests: [one] })],
      ];
    });

    const { status, output } = promtool(
      new Map(files),
      'test',
      'rules',
      ...cases.map((_, index) => `case-${index}.yaml`),
    );

    expect(output.match(/SUCCESS/g), output).toHaveLength(cases.length);
    expect(status, output).toBe(0);
  });
});

function clusterOf(name: string): Cluster {
  const make = ALERTED.get(name);
  if (make === undefined) throw new Error(`cluster '${name}': expected one with alerts, got none`);
  return make();
}

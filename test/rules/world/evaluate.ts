/** What the rules of a cluster make of a world: which alert fired with which labels, from when until when, by promtool. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { groupsInDist } from '../../support/alerts.js';
import { exprsOf, type Groups, neededFor } from './needed-rules.js';
import { notation } from './notation.js';
import type { World } from './world.js';

export interface Firing {
  readonly alert: string;

  /** Without `alertname`, `alertstate`. */
  readonly labels: Readonly<Record<string, string>>;

  /** The first and the last minute in which it fired. */
  readonly from: number;
  readonly to: number;

  /** In how many minutes it fired: fewer than lie between the two where it came and went. */
  readonly minutes: number;
}

interface Case {
  readonly name: string;
  readonly world: World;
  readonly minutes: number;
}

/**
 * For each case, by its name, what fired. All cases in one call, because promtool must start for each.
 *
 * `only` leaves out other alerts, and what is scraped and recorded for them alone: that takes a fraction of the time.
 */
export function evaluate(
  cluster: Cluster,
  cases: readonly Case[],
  only?: readonly string[],
  everyMinutes = 1,
): ReadonlyMap<string, readonly Firing[]> {
  const all = groupsInDist(cluster);
  const groups = only === undefined ? all : neededFor(only, all);
  const asked = exprsOf(groups);
  const scraped = (one: Case): Case => ({ ...one, world: one.world.filter(({ metric }) => asked.includes(metric)) });
  const folder = mkdtempSync(join(tmpdir(), 'selfheal-world-'));
  try {
    // JSON is YAML, and quicker to write.
    writeFileSync(join(folder, 'rules.yaml'), JSON.stringify({ groups }));
    writeFileSync(
      join(folder, 'tests.yaml'),
      JSON.stringify(promtoolTests(cases.map(scraped), recordingsFirst(groups), everyMinutes)),
    );
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', 'tests.yaml'], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
    });
    const output = stdout + stderr;
    // Whatever fires is a failure for promtool, which expects nothing: that is how it tells.
    if (status === null || /\berr:|\berror|panic/.test(output.replaceAll(/\{[^{}]*\}/g, '')))
      throw new Error(`promtool: expected the cases to be evaluated, got ${output.slice(0, 2000)}`);
    return new Map(cases.map(({ name }, index) => [name, firings(output, index)]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The kernel layer records what the others ask for. */
const recordingsFirst = (groups: Groups): readonly string[] => {
  const names = groups.map(({ name }) => name);
  return [...names.filter((name) => name === 'selfheal.kernel'), ...names.filter((name) => name !== 'selfheal.kernel')];
};

/** promtool loads no more than 10,000 samples for a query: 120 minutes of more than 80 alerts at once. */
const WINDOW = 120;

const QUESTIONS = { from: 'min_over_time', to: 'max_over_time', minutes: 'count_over_time' } as const;
type Question = keyof typeof QUESTIONS;

const promtoolTests = (cases: readonly Case[], groups: readonly string[], everyMinutes: number) => ({
  rule_files: ['rules.yaml'],
  evaluation_interval: `${everyMinutes}m`,
  // Otherwise by chance: what reads a recording would now and then be a minute late.
  group_eval_order: groups,
  tests: cases.map(({ name, world, minutes }, index) => ({
    name,
    interval: '1m',
    input_series: world.map(({ metric, labels, values }) => ({
      series: `${metric}{${Object.entries(labels)
        .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
        .join(',')}}`,
      values: notation(values, minutes),
    })),
    promql_expr_test: windowEnds(minutes).flatMap((end) =>
      Object.entries(QUESTIONS).map(([question, over]) => ({
        eval_time: `${end}m`,
        expr: `label_replace(${over}((time() * (ALERTS{alertstate="firing"} == 1))[${WINDOW}m:1m]), "asked", "${index}:${question}", "", "")`,
      })),
    ),
  })),
});

/** A range that ends at a minute has its first step one minute after its beginning, or at it, as the version goes. */
const windowEnds = (minutes: number): readonly number[] =>
  Array.from({ length: Math.ceil((minutes + 1) / WINDOW) }, (_, index) => Math.min((index + 1) * WINDOW, minutes));

function firings(output: string, index: number): readonly Firing[] {
  const found = new Map<string, Record<Question, number> & { labels: Record<string, string> }>();
  for (const [, text = '', value = ''] of output.matchAll(/\{([^{}]*)\} ([-+.\dEe]+)/g)) {
    const {
      asked,
      alertstate: _,
      ...labels
    } = Object.fromEntries(
      [...text.matchAll(/(\w+)=("(?:[^"\\]|\\.)*")/g)].map(([, name = '', quoted = '""']) => [
        name,
        JSON.parse(quoted),
      ]),
    );
    const [which, question] = String(asked).split(':');
    if (which !== String(index)) continue;
    const key = JSON.stringify(Object.entries(labels).sort());
    const seen = found.get(key) ?? { labels, from: Number.POSITIVE_INFINITY, to: 0, minutes: 0 };
    if (question === 'from') seen.from = Math.min(seen.from, Number(value) / 60);
    if (question === 'to') seen.to = Math.max(seen.to, Number(value) / 60);
    if (question === 'minutes') seen.minutes += Number(value);
    found.set(key, seen);
  }
  return [...found.values()]
    .map(({ labels: { alertname = '', ...labels }, ...times }) => ({ alert: alertname, labels, ...times }))
    .sort((a, b) => a.from - b.from || (a.alert < b.alert ? -1 : 1));
}

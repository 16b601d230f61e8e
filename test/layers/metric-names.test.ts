/** Every metric that a rule or a panel reads is one that a real exporter gave, with the labels that are asked for. */
import { describe, expect, test } from 'vitest';
import { isAtLeast, METRIC_SOURCES, metricsIn, sourceOf } from '../../src/layers/metric-sources.js';
import { ALERTED, rulesOf } from '../support/alerts.js';
import { objectsOf, parsed } from '../support/clusters.js';
import { recordings, scraped } from '../support/exporters.js';
import { FULL_K3S_SPEC, FULL_MICROK8S_SPEC } from '../support/full-clusters.js';
import { readPromql, type Use } from '../support/promql-uses.js';

interface Expression {
  readonly where: string;
  readonly expr: string;

  /** Labels that a text beside it names. */
  readonly wanted: readonly string[];
  readonly recorded: ReadonlyMap<string, string>;
}

/** Prometheus makes these itself: with the labels of the alert, or of the target. */
const OWN = new Set(['ALERTS', 'ALERTS_FOR_STATE', 'up']);

const CLUSTERS = new Map([
  ...[...ALERTED].map(([name, make]) => [name, make()] as const),
  ['full k3s', parsed(FULL_K3S_SPEC)] as const,
  ['full microk8s', parsed(FULL_MICROK8S_SPEC)] as const,
]);

const named = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, label]) => label ?? '');

const RULES = [...CLUSTERS].flatMap(([name, cluster]): readonly Expression[] => {
  const rules = rulesOf(cluster);
  const recorded = new Map(rules.flatMap(({ record, expr }) => (record === undefined ? [] : [[record, expr]])));
  return rules.map(({ alert, record, expr, annotations }) => ({
    where: `${name}/${alert ?? record}`,
    expr,
    wanted: named(annotations?.description ?? '', /\$labels\.(\w+)/g),
    recorded,
  }));
});

/** Grafana fills these in before Prometheus sees them. */
const filledIn = (expr: string): string =>
  expr.replaceAll(/\[\$__(rate_interval|interval|range)\]/g, '[5m]').replaceAll(/\$\{?node(:\w+)?\}?/g, 'jarvis');

const PANELS = [...CLUSTERS].flatMap(([name, cluster]): readonly Expression[] => {
  const recorded = new Map(rulesOf(cluster).flatMap(({ record, expr }) => (record ? [[record, expr]] : [])));
  return objectsOf(cluster, 'dashboards')
    .filter(({ kind }) => kind === 'ConfigMap')
    .flatMap(({ data }) => Object.values(data ?? {}).map((json) => JSON.parse(String(json))))
    .flatMap(({ title, panels, annotations, templating }) => [
      ...panels.flatMap((panel: Panel) =>
        (panel.targets ?? []).map(({ expr, legendFormat }) => ({
          where: `${name}/${title}/${panel.title}`,
          expr: filledIn(expr),
          wanted: named(legendFormat ?? '', /\{\{\s*(\w+)\s*\}\}/g),
        })),
      ),
      ...annotations.list.flatMap(({ expr }: { expr?: string }) =>
        expr === undefined ? [] : [{ where: `${name}/${title}/annotation`, expr: filledIn(expr), wanted: [] }],
      ),
      ...templating.list.flatMap(({ definition }: { definition?: string }) => {
        const [, expr, label] = /^label_values\((.+), (\w+)\)$/.exec(definition ?? '') ?? [];
        return expr === undefined ? [] : [{ where: `${name}/${title}/variable`, expr, wanted: [label] }];
      }),
    ])
    .map((expression) => ({ ...expression, recorded }));
});

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat?: string }[];
}

/** The clusters have most expressions in common. */
const EXPRESSIONS = [
  ...new Map([...RULES, ...PANELS].map((one) => [`${one.expr} ${one.wanted} ${[...one.recorded]}`, one])).values(),
];

const RECORDINGS = recordings();
function read({ where, expr, wanted, recorded }: Expression) {
  try {
    return readPromql(expr, wanted, recorded);
  } catch (error) {
    throw new Error(`${where}: cannot be read`, { cause: error });
  }
}
const USES = EXPRESSIONS.flatMap((expression) => read(expression).uses.filter(({ metric }) => !OWN.has(metric)));

/** What none of the recorded samples of the metric satisfies. */
function unmet({ metric, labels, matchers }: Use): readonly string[] {
  const samples = RECORDINGS.flatMap(({ exporter, samples: all }) =>
    all.filter((sample) => sample.metric === metric).map((sample) => ({ exporter, labels: sample.labels })),
  );
  if (samples.length === 0) return [`metric '${metric}': expected it in test/fixtures/metrics, got nothing`];
  const isThere = (label: string) =>
    samples.some((sample) => sample.labels.has(label) || scraped(sample.exporter).includes(label));
  const values = (label: string) => samples.map((sample) => sample.labels.get(label) ?? '');
  return [
    ...[...labels]
      .filter((label) => !isThere(label))
      .map((label) => `metric '${metric}': expected label '${label}' as in test/fixtures/metrics, got none`),
    ...matchers.flatMap(({ label, operator, value }) =>
      ENUMERATED.has(label) && operator.startsWith('=')
        ? alternatives(operator, value)
            .filter((one) => !values(label).some((actual) => new RegExp(`^(?:${one})$`).test(actual)))
            .map((one) => `metric '${metric}': expected a sample with ${label}="${one}", got none`)
        : [],
    ),
  ];
}

/** Labels whose values come from the exporter's own code. */
const ENUMERATED = new Set('phase condition status state kind window operation_type owner_kind fstype mode'.split(' '));

const alternatives = (operator: string, value: string): readonly string[] =>
  operator === '=~' && !value.includes('(') ? value.split('|') : [value];

test('there are rules, panels and recordings to look at', () => {
  expect(RULES.length).toBeGreaterThan(150);
  expect(PANELS.length).toBeGreaterThan(100);
  expect(RECORDINGS.map(({ exporter }) => exporter)).toEqual(
    expect.arrayContaining(['node_exporter', 'kube-state-metrics', 'kubelet', 'kube-apiserver', 'selfheal']),
  );
  expect(RECORDINGS.filter(({ samples }) => samples.length === 0)).toEqual([]);
});

test('no rule and no panel reads a metric, a label or a value that no exporter gives', () => {
  const findings = EXPRESSIONS.flatMap((expression) =>
    read(expression)
      .uses.filter(({ metric }) => !OWN.has(metric))
      .flatMap((use) => unmet(use).map((finding) => `${expression.where}: ${finding}`)),
  );

  expect(findings).toEqual([]);
});

test('none asks for a label that an inner clause has taken away', () => {
  const lost = EXPRESSIONS.flatMap((expression) => read(expression).lost.map((what) => `${expression.where}: ${what}`));

  expect(lost).toEqual([]);
});

test('no metric is kept that nobody reads any more', () => {
  const used = new Set(USES.map(({ metric }) => metric));
  // Our own files are kept whole: what no rule reads of them is for people.
  const kept = RECORDINGS.filter(({ exporter }) => exporter !== 'selfheal').flatMap(({ file, samples }) =>
    samples.map(({ metric }) => ({ file, metric })),
  );

  expect(kept.length).toBeGreaterThan(100);
  expect(kept.filter(({ metric }) => !used.has(metric))).toEqual([]);
});

describe('the check itself', () => {
  test('sees a metric, a label and a value that are not there', () => {
    const findings = (expr: string) => readPromql(expr).uses.flatMap(unmet).length;

    expect(findings('kube_pod_inf')).toBe(1);
    expect(findings('max by (nodename) (kube_pod_info)')).toBe(1);
    expect(findings('kube_pod_status_phase{phase="pending"}')).toBe(1);
    expect(findings('max by (node) (kube_pod_info{node!=""})')).toBe(0);
  });
});

describe('the table of sources', () => {
  test('finds in an expression the metrics that the parser finds', () => {
    for (const { expr, wanted, recorded } of EXPRESSIONS) {
      const parsedNames = new Set(readPromql(expr, wanted, recorded).uses.map(({ metric }) => metric));
      expect(new Set(metricsIn(expr, recorded)), expr).toEqual(parsedNames);
    }
  });

  test('has no line for metrics that nobody reads', () => {
    const used = new Set([...OWN, ...USES.map(({ metric }) => metric)]);
    const idle = METRIC_SOURCES.filter((source) => ![...used].some((metric) => sourceOf(metric) === source));

    expect(idle.map(({ metric }) => metric.source)).toEqual([]);
  });

  test.each(RECORDINGS.filter(({ exporter }) => exporter !== 'selfheal'))(
    'says of $file what is in it',
    ({ exporter, version, samples }) => {
      const metrics = [...new Set(USES.map(({ metric }) => metric))].filter((metric) => !/^selfheal_/.test(metric));
      const said = metrics.filter((metric) => {
        const source = sourceOf(metric);
        return source.exporter === exporter && isAtLeast(version, source.since);
      });

      expect(said.sort()).toEqual([...new Set(samples.map(({ metric }) => metric))].sort());
    },
  );
});

/** A board that is green while an alert fires, or red while none does, is not believed the next time. */
import { expect, test } from 'vitest';
import { formatPromDuration } from '../../../src/cluster/duration.js';
import { dashboardsOf } from '../../../src/layers/dashboards/dashboard-config-maps.js';
import { readingsOf } from '../../../src/layers/dashboards/panel.js';
import { ALERTED, rulesOf } from '../../support/alerts.js';

const panels = [...ALERTED].flatMap(([cluster, make]) =>
  dashboardsOf(make()).flatMap(({ rows }) =>
    rows.flatMap(({ panels }) => panels.map((panel) => ({ cluster, title: panel.title, panel }))),
  ),
);

const limits = panels.flatMap(({ cluster, title, panel }) =>
  readingsOf(panel).flatMap(({ from = [], below = [] }) => [
    ...from.map((limit) => ({ cluster, title, side: 'from' as const, ...limit })),
    ...below.map((limit) => ({ cluster, title, side: 'below' as const, ...limit })),
  ]),
);

const RULES = new Map([...ALERTED].map(([cluster, make]) => [cluster, rulesOf(make())]));

const exprOf = (cluster: string, alert: string): string =>
  (RULES.get(cluster) ?? []).find((rule) => rule.alert === alert)?.expr ?? '';

const inProm = (seconds: number): string => formatPromDuration({ seconds });

/** How an alert says that a value is not good. Whole numbers have several ways; seconds may be those of a window. */
const comparisons = (side: 'from' | 'below', at: number): readonly string[] =>
  side === 'from'
    ? [`> ${at}`, `>= ${at}`, ...(Number.isInteger(at) ? [`> ${at - 1}`, `== ${at}`, `[${inProm(at)}]`] : [])]
    : [`< ${at}`, `<= ${at}`, ...(Number.isInteger(at) ? [`== ${at - 1}`] : [])];

const says = (expr: string, comparison: string): boolean =>
  new RegExp(`(?<![<>=])${comparison.replaceAll(/[.[\]]/g, '\\$&')}(?![\\d.])`).test(expr);

test('there are limits to look at, on every board', () => {
  expect(limits.length).toBeGreaterThan(40);
  expect(new Set(limits.map(({ cluster }) => cluster))).toEqual(new Set(ALERTED.keys()));
});

const WITHOUT_ALERT = [
  // What they count has alerts of its own, or of kube-prometheus-stack.
  'Critical alerts',
  'Warnings',
  'Nodes not Ready',
  'Exporters not seen',
  // One boot is a reason to look; three are the alert's.
  'Nodes',
  // Below 125 % is the alert's; at 100 % it is too late.
  'Free over there, of its reserve',
];

test('only these have a limit that no alert knows', () => {
  const alone = limits.filter(({ alert }) => alert === null).map(({ title }) => title);

  expect([...new Set(alone)].sort()).toEqual([...WITHOUT_ALERT].sort());
});

test.each(limits.filter(({ alert }) => alert !== null))(
  '$cluster, $title: $side $at is where $alert fires',
  ({ cluster, alert, at, side, counts }) => {
    const expr = exprOf(cluster, alert ?? '');

    expect(expr).not.toBe('');
    // What is counted is compared by the alert one by one.
    if (counts) expect(at).toBe(1);
    else expect(comparisons(side, at).filter((comparison) => says(expr, comparison))).not.toEqual([]);
  },
);

import { expect, test } from 'vitest';
import { dashboardJson } from '../../../src/layers/dashboards/dashboard.js';
import type { PanelSpec, TablePanel, ValuePanel } from '../../../src/layers/dashboards/panel.js';
import { sideBySide } from '../../../src/layers/dashboards/panel.js';

const panel = (width: number, kind: ValuePanel['kind'] = 'stat'): ValuePanel => ({
  kind,
  width,
  title: 'Up',
  description: 'Whether it is up.',
  queries: [{ expr: 'up', legend: '{{job}}' }],
  unit: 'short',
});

const table: TablePanel = {
  kind: 'table',
  title: 'Firing',
  description: 'What fires.',
  width: 24,
  labels: [
    { label: 'node', title: 'Node', leadsTo: 'node' },
    { label: 'runbook', title: 'Runbook', leadsTo: 'runbook' },
  ],
  columns: [
    { title: 'For', expr: 'up', unit: 's' },
    { title: 'Twice', expr: 'up * 2', unit: 'short' },
  ],
};

const PLACE = { cluster: 'attic', runbookBaseUrl: 'https://docs.example/runbooks', alerts: ['NodeGone'] };

const drawn = (...rows: readonly (readonly PanelSpec[])[]) => {
  const spec = {
    board: 'health',
    title: 't',
    description: 'd',
    rows: rows.map((panels) => ({ title: 'Row', panels })),
  };
  return JSON.parse(dashboardJson({ ...spec, board: 'health' }, PLACE)).panels;
};

test('a panel that does not fit any more begins a new line below the highest of the last, and a row below them all', () => {
  const [row, first, second, third, next, last] = drawn([panel(12), panel(12, 'timeseries'), panel(6)], [panel(24)]);

  expect(row).toMatchObject({ type: 'row', gridPos: { x: 0, y: 0, w: 24, h: 1 } });
  expect(first.gridPos).toEqual({ x: 0, y: 1, w: 12, h: 4 });
  expect(second.gridPos).toEqual({ x: 12, y: 1, w: 12, h: 8 });
  expect(third.gridPos).toEqual({ x: 0, y: 9, w: 6, h: 4 });
  expect(next.gridPos).toEqual({ x: 0, y: 13, w: 24, h: 1 });
  expect(last.gridPos).toEqual({ x: 0, y: 14, w: 24, h: 4 });
});

test('panels side by side fill the line, also where 24 cannot be divided', () => {
  const widths = (count: number) =>
    sideBySide(...Array.from({ length: count }, () => panel(1))).map(({ width }) => width);

  expect(widths(5)).toEqual([5, 5, 5, 5, 4]);
  expect(widths(3)).toEqual([8, 8, 8]);
  expect(widths(1)).toEqual([12]);
});

test.each<[string, Partial<ValuePanel>, readonly unknown[]]>([
  [
    'from',
    {
      from: [
        { at: 3, is: 'bad', alert: null },
        { at: 1, is: 'worth a look', alert: null },
      ],
    },
    [
      { color: 'green', value: null },
      { color: 'orange', value: 1 },
      { color: 'red', value: 3 },
    ],
  ],
  [
    'below',
    {
      below: [
        { at: 2, is: 'worth a look', alert: null },
        { at: 1, is: 'bad', alert: null },
      ],
    },
    [
      { color: 'red', value: null },
      { color: 'orange', value: 1 },
      { color: 'green', value: 2 },
    ],
  ],
])('a value with limits %s is coloured by the nearest of them', (_, limits, steps) => {
  const [, first] = drawn([{ ...panel(6), ...limits }]);

  expect(first.fieldConfig.defaults.thresholds.steps).toEqual(steps);
});

test('an alert that a limit names has its runbook in the corner of the panel, once', () => {
  const limit = { is: 'bad', alert: 'NodeGone' } as const;

  const [, plain, linked] = drawn([
    panel(6),
    {
      ...panel(6),
      from: [
        { ...limit, at: 1 },
        { ...limit, at: 2 },
      ],
    },
  ]);

  expect(plain.links).toEqual([]);
  expect(linked.links).toMatchObject([
    { title: 'Runbook: NodeGone', url: 'https://docs.example/runbooks/nodegone.md' },
  ]);
});

test('a stat and a table ask for the value now, a graph for the range', () => {
  const [, stat, series, timeline, rows] = drawn([panel(6), panel(6, 'timeseries'), panel(6, 'timeline'), table]);

  expect(stat.targets[0]).toMatchObject({ refId: 'A', instant: true, range: false, format: 'time_series' });
  expect(series.targets[0]).toMatchObject({ instant: false, range: true });
  expect(timeline).toMatchObject({ type: 'state-timeline', targets: [{ instant: false, range: true }] });
  expect(rows.targets[1]).toMatchObject({ refId: 'B', instant: true, range: false, format: 'table' });
});

test('a click on a value leads to the board of its node, at the same time and with the same data source', () => {
  const [, stat] = drawn([{ ...panel(6), leadsTo: 'node' }]);

  expect(stat.fieldConfig.defaults.links).toMatchObject([
    { url: '/d/selfheal-attic-node?${datasource:queryparam}&${__url_time_range}&var-node=${__field.labels.node}' },
  ]);
});

test('a table has its columns named, in order, and put together by their labels', () => {
  const [, { transformations, fieldConfig }] = drawn([table]);
  const [merge, organize] = transformations;

  expect(merge.id).toBe('merge');
  expect(organize.options.renameByName).toEqual({
    node: 'Node',
    runbook: 'Runbook',
    'Value #A': 'For',
    'Value #B': 'Twice',
  });
  expect(organize.options.indexByName).toEqual({ node: 0, runbook: 1, 'Value #A': 2, 'Value #B': 3 });
  expect(fieldConfig.overrides.map(({ matcher }: { matcher: { options: string } }) => matcher.options)).toEqual([
    'Node',
    'Runbook',
    'For',
    'Twice',
  ]);
});

test('a table of one column calls it what Grafana calls it then', () => {
  const [, one] = drawn([{ ...table, columns: table.columns.slice(0, 1) }]);

  expect(one.transformations[1].options.renameByName).toMatchObject({ Value: 'For' });
});

test('an alert in a table leads to its page, whose name is in small letters', () => {
  const [, { fieldConfig }] = drawn([table]);
  const [mappings, links] = fieldConfig.overrides[1].properties;

  expect(mappings.value[0].options).toEqual({ NodeGone: { text: 'nodegone.md', index: 0 } });
  expect(links.value[0].url).toBe('https://docs.example/runbooks/${__value.text}');
});

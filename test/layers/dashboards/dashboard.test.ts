import { expect, test } from 'vitest';
import { dashboardJson, type PanelSpec } from '../../../src/layers/dashboards/dashboard.js';

const panel = (width: PanelSpec['width'], kind: PanelSpec['kind'] = 'stat'): PanelSpec => ({
  kind,
  width,
  title: 'Up',
  description: 'Whether it is up.',
  queries: [{ expr: 'up', legend: '{{job}}' }],
  unit: 'short',
});

const drawn = (panels: readonly PanelSpec[]) =>
  JSON.parse(dashboardJson({ uid: 'u', title: 't', description: 'd', panels })).panels;

test('a panel that does not fit any more begins a new line below the highest of the last', () => {
  const [first, second, third] = drawn([panel(12), panel(12, 'timeseries'), panel(6)]);

  expect(first.gridPos).toEqual({ x: 0, y: 0, w: 12, h: 4 });
  expect(second.gridPos).toEqual({ x: 12, y: 0, w: 12, h: 8 });
  expect(third.gridPos).toEqual({ x: 0, y: 8, w: 6, h: 4 });
});

test('a value that is bad from a number on turns red there, one that is bad below it turns green there', () => {
  const [from, below] = drawn([
    { ...panel(6), badFrom: 3 },
    { ...panel(6), badBelow: 2 },
  ]);

  expect(from.fieldConfig.defaults.thresholds.steps).toEqual([
    { color: 'green', value: null },
    { color: 'red', value: 3 },
  ]);
  expect(below.fieldConfig.defaults.thresholds.steps).toEqual([
    { color: 'red', value: null },
    { color: 'green', value: 2 },
  ]);
});

test('a stat asks for the value now, a time series for the range', () => {
  const [stat, series] = drawn([panel(6), panel(6, 'timeseries')]);

  expect(stat.targets[0]).toMatchObject({ refId: 'A', instant: true, range: false });
  expect(series.targets[0]).toMatchObject({ refId: 'A', instant: false, range: true });
});

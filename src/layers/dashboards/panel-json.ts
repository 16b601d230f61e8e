/** A panel as Grafana reads it. What Grafana leaves to chance is explicit: ids, places, letters, the data source. */
import { leadingTo, type Place, reading, runbookLinks, whenEmpty } from './field-config.js';
import { limitsOf, type PanelSpec, type Query, type ValuePanel } from './panel.js';
import { refId } from './ref-id.js';
import { tableJson } from './table-json.js';

/** The variable by which a person chooses the Prometheus; provisioning knows no other way that works everywhere. */
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;

interface GridPos {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export function panelJson(panel: PanelSpec, id: number, gridPos: GridPos, place: Place) {
  const { overrides, options, transformations } =
    panel.kind === 'table'
      ? tableJson(panel, place)
      : { overrides: [], options: OPTIONS[panel.kind], transformations: [] };
  const queries: readonly Query[] =
    panel.kind === 'table' ? panel.columns.map(({ expr, title }) => ({ expr, legend: title })) : panel.queries;
  const isInstant = panel.kind === 'table' || panel.kind === 'stat';
  return {
    id,
    type: TYPES[panel.kind],
    title: panel.title,
    description: panel.description,
    links: runbookLinks(place, limitsOf(panel)),
    datasource: DATASOURCE,
    gridPos,
    targets: queries.map(({ expr, legend }, index) => ({
      refId: refId(index),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
      instant: isInstant,
      range: !isInstant,
      format: panel.kind === 'table' ? 'table' : 'time_series',
    })),
    fieldConfig: { defaults: defaults(panel, place), overrides },
    options,
    transformations,
  };
}

const TYPES = {
  stat: 'stat',
  timeseries: 'timeseries',
  bars: 'timeseries',
  timeline: 'state-timeline',
  table: 'table',
};

function defaults(panel: PanelSpec, place: Place) {
  if (panel.kind === 'table') return whenEmpty(panel);
  return {
    ...reading(panel),
    color: { mode: panel.kind === 'timeseries' || panel.kind === 'bars' ? 'palette-classic' : 'thresholds' },
    custom: custom(panel),
    links: panel.leadsTo === undefined ? [] : [leadingTo(place, panel.leadsTo, '${__field.labels.node}')],
    ...whenEmpty(panel),
  };
}

function custom({ kind, from = [], below = [] }: ValuePanel) {
  if (kind === 'stat') return {};
  if (kind === 'timeline') return { fillOpacity: 80, lineWidth: 0 };
  return {
    ...(kind === 'bars'
      ? { drawStyle: 'bars', fillOpacity: 60, lineWidth: 0 }
      : { drawStyle: 'line', fillOpacity: 8, lineWidth: 1 }),
    // Over a gap no line: nobody knows what was there.
    spanNulls: false,
    thresholdsStyle: { mode: from.length + below.length > 0 ? 'dashed' : 'off' },
  };
}

const GRAPH = {
  legend: { showLegend: true, displayMode: 'list', placement: 'bottom' },
  tooltip: { mode: 'multi', sort: 'desc' },
} as const;

const OPTIONS = {
  stat: {
    colorMode: 'background',
    graphMode: 'none',
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    textMode: 'value_and_name',
  },
  timeseries: GRAPH,
  bars: GRAPH,
  timeline: { ...GRAPH, mergeValues: true, showValue: 'never', rowHeight: 0.8 },
} as const;

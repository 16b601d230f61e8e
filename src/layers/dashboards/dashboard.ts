/**
 * Grafana dashboards as plain data, and the little that every panel needs.
 *
 * What Grafana leaves to chance is explicit here: ids, positions, reference letters, the data source.
 * Why this and not Grafana's own library: docs/decisions/0003-dashboards.md.
 */

/** The variable by which a person chooses the Prometheus; provisioning knows no other way that works everywhere. */
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;

/** Grafana's grid has 24 columns. */
const GRID_WIDTH = 24;

type Unit = 'short' | 'bytes' | 's' | 'percentunit' | 'bool_yes_no';

interface Query {
  readonly expr: string;

  /** What a series is called, e.g. `{{node}}`. */
  readonly legend: string;
}

export interface PanelSpec {
  readonly kind: 'stat' | 'timeseries' | 'table';
  readonly title: string;

  /** What a person should think of it: what is normal, where to look next. */
  readonly description: string;
  readonly queries: readonly Query[];
  readonly unit: Unit;
  readonly width: 6 | 8 | 12 | 24;

  /** From here on the value is bad. @default - no value is bad by itself */
  readonly badFrom?: number;

  /** Below this the value is bad. @default - no value is bad by itself */
  readonly badBelow?: number;
}

export interface DashboardSpec {
  /** Stable for ever: links and bookmarks hold it. At most 40 characters. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly panels: readonly PanelSpec[];
}

const HEIGHTS = { stat: 4, timeseries: 8, table: 8 } as const;

/** Indented, so that a review shows the line that changed and not the whole dashboard. */
export const dashboardJson = (spec: DashboardSpec): string => `${JSON.stringify(dashboard(spec), null, 2)}\n`;

function dashboard({ uid, title, description, panels }: DashboardSpec) {
  return {
    uid,
    title,
    description,
    tags: ['selfheal'],
    // 39 is what kube-prometheus ships; every Grafana since 10 reads it and migrates it upwards by itself.
    schemaVersion: 39,
    editable: false,
    graphTooltip: 1,
    timezone: 'browser',
    time: { from: 'now-24h', to: 'now' },
    refresh: '1m',
    annotations: { list: [] },
    links: [],
    templating: {
      list: [{ type: 'datasource', name: 'datasource', label: 'Prometheus', query: 'prometheus', hide: 0, refresh: 1 }],
    },
    panels: layOut(panels).map(({ panel, x, y }, index) => panelJson(panel, index + 1, x, y)),
  };
}

/** From left to right, a new line when a panel does not fit any more; a line is as high as its highest panel. */
function layOut(panels: readonly PanelSpec[]): readonly { panel: PanelSpec; x: number; y: number }[] {
  let [x, y, height] = [0, 0, 0];
  return panels.map((panel) => {
    if (x + panel.width > GRID_WIDTH) [x, y, height] = [0, y + height, 0];
    const placed = { panel, x, y };
    [x, height] = [x + panel.width, Math.max(height, HEIGHTS[panel.kind])];
    return placed;
  });
}

function panelJson(
  { kind, title, description, queries, unit, width, badFrom, badBelow }: PanelSpec,
  id: number,
  x: number,
  y: number,
) {
  const instant = kind !== 'timeseries';
  return {
    id,
    type: kind,
    title,
    description,
    datasource: DATASOURCE,
    gridPos: { h: HEIGHTS[kind], w: width, x, y },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
      instant,
      range: !instant,
      format: kind === 'table' ? 'table' : 'time_series',
    })),
    fieldConfig: {
      defaults: {
        unit,
        thresholds: thresholds(badFrom, badBelow),
        color: { mode: kind === 'timeseries' ? 'palette-classic' : 'thresholds' },
      },
      overrides: [],
    },
    options: OPTIONS[kind],
    ...(kind === 'table' ? { transformations: [{ id: 'organize', options: { excludeByName: { Time: true } } }] } : {}),
  };
}

function thresholds(badFrom: number | undefined, badBelow: number | undefined) {
  const base = badBelow === undefined ? 'green' : 'red';
  return {
    mode: 'absolute',
    steps: [
      { color: base, value: null },
      ...(badBelow === undefined ? [] : [{ color: 'green', value: badBelow }]),
      ...(badFrom === undefined ? [] : [{ color: 'red', value: badFrom }]),
    ],
  };
}

const OPTIONS = {
  stat: {
    colorMode: 'background',
    graphMode: 'none',
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    textMode: 'value_and_name',
  },
  timeseries: {
    legend: { showLegend: true, displayMode: 'list', placement: 'bottom' },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
  table: { showHeader: true, cellHeight: 'sm' },
} as const;

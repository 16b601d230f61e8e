/**
 * Grafana dashboards as plain data, and the little that every board needs.
 *
 * Why this and not Grafana's own library: docs/decisions/0003-dashboards.md.
 */
import { UPTIME } from '../promql.js';
import { type Board, uidOf } from './boards.js';
import type { Place } from './field-config.js';
import type { PanelSpec, RowSpec } from './panel.js';
import { DATASOURCE, panelJson } from './panel-json.js';

export interface DashboardSpec {
  readonly board: Board;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly RowSpec[];
}

/** Grafana's grid has 24 columns. */
const GRID_WIDTH = 24;

const HEIGHTS = { stat: 4, timeseries: 8, bars: 8, timeline: 8, table: 7 } as const;

/** Indented, so that a review shows the line that changed and not the whole dashboard. */
export const dashboardJson = (spec: DashboardSpec, place: Place): string =>
  `${JSON.stringify(dashboard(spec, place), null, 2)}\n`;

function dashboard({ board, title, description, rows }: DashboardSpec, place: Place) {
  const ofNodes = board === 'node';
  return {
    uid: uidOf(place.cluster, board),
    title,
    description,
    tags: ['selfheal', `selfheal-${place.cluster}`],
    // 39 is what kube-prometheus ships; every Grafana since 10 reads it and migrates it upwards by itself.
    schemaVersion: 39,
    editable: false,
    graphTooltip: 1,
    timezone: 'browser',
    time: { from: 'now-24h', to: 'now' },
    refresh: '1m',
    annotations: { list: [boots(ofNodes), firings(ofNodes)] },
    links: [{ type: 'dashboards', title: '', tags: [`selfheal-${place.cluster}`], keepTime: true, includeVars: true }],
    templating: { list: [DATASOURCE_VARIABLE, ...(ofNodes ? [NODE_VARIABLE] : [])] },
    panels: layOut(rows, place),
  };
}

const DATASOURCE_VARIABLE = {
  type: 'datasource',
  name: 'datasource',
  label: 'Prometheus',
  query: 'prometheus',
  hide: 0,
  refresh: 1,
};

const NODE_VARIABLE = {
  type: 'query',
  name: 'node',
  label: 'Node',
  datasource: DATASOURCE,
  // From the cluster, not from the exporters: a node that is gone must be there to be chosen.
  query: { query: 'label_values(kube_node_info, node)', refId: 'node' },
  definition: 'label_values(kube_node_info, node)',
  multi: true,
  includeAll: true,
  current: { text: 'All', value: '$__all' },
  hide: 0,
  // With each change of the time.
  refresh: 2,
  sort: 1,
};

const annotation = (name: string, iconColor: string, expr: string, titleFormat: string, textFormat: string) => ({
  name,
  datasource: DATASOURCE,
  enable: true,
  hide: false,
  iconColor,
  expr,
  step: '60s',
  titleFormat,
  textFormat,
});

const ofNode = (ofNodes: boolean): string => (ofNodes ? 'node=~"$node"' : '');

/** In its first minutes after a boot, and not a minute before: once for each boot, however long the node was away. */
const boots = (ofNodes: boolean) => {
  const young = (offset: string) => `${UPTIME}{${ofNode(ofNodes)}}${offset} < 900`;
  return annotation('Boots', 'orange', `${young('')} unless on (node) (${young(' offset 1m')})`, '{{node}} booted', '');
};

/** On a node's board its own alone: what concerns no node stands on the board of health. */
const firings = (ofNodes: boolean) =>
  annotation(
    'Alerts',
    'red',
    `ALERTS{${['alertstate="firing"', 'severity=~"warning|critical"', ofNode(ofNodes)].filter(Boolean).join(',')}}`,
    '{{alertname}}',
    '{{severity}} {{node}}',
  );

/** Row by row; in a row from left to right, a new line when a panel does not fit, as high as its highest panel. */
function layOut(rows: readonly RowSpec[], place: Place) {
  const drawn: object[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    const row = { id: drawn.length + 1, type: 'row', title, collapsed: false, panels: [] };
    drawn.push({ ...row, gridPos: { x: 0, y, w: GRID_WIDTH, h: 1 } });
    y += 1;
    let [x, height] = [0, 0];
    for (const panel of panels) {
      if (x + panel.width > GRID_WIDTH) [x, y, height] = [0, y + height, 0];
      drawn.push(panelJson(panel, drawn.length + 1, { x, y, w: panel.width, h: heightOf(panel) }, place));
      [x, height] = [x + panel.width, Math.max(height, heightOf(panel))];
    }
    y += height;
  }
  return drawn;
}

const heightOf = (panel: PanelSpec): number => (panel.kind === 'table' && panel.height) || HEIGHTS[panel.kind];

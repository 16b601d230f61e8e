import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, test } from 'vitest';
import homelabSpec from '../../../src/clusters/homelab.js';
import { ALERTED, alertNames, attic, rulesOf } from '../../support/alerts.js';
import { homelab, minimal, objectsOf, parsed } from '../../support/clusters.js';

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly datasource: unknown;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig: {
    readonly defaults: { readonly unit?: string };
    readonly overrides: readonly { readonly properties: readonly { readonly id: string }[] }[];
  };
  readonly targets: readonly { readonly refId: string; readonly expr: string; readonly datasource: unknown }[];
}

interface Dashboard {
  readonly uid: string;
  readonly editable: boolean;
  readonly panels: readonly Panel[];
  readonly tags: readonly string[];
  readonly links: readonly { readonly tags: readonly string[] }[];
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] };
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly datasource?: object }[];
  };
}

interface ConfigMap {
  readonly metadata: { readonly name: string; readonly labels?: object; readonly annotations?: object };
  readonly data: Readonly<Record<string, string>>;
}

const configMaps = [...ALERTED].flatMap(([cluster, make]) =>
  objectsOf(make(), 'dashboards').map((manifest) => ({ cluster, map: manifest as unknown as ConfigMap })),
);
const boards = configMaps.flatMap(({ map }) =>
  Object.entries(map.data).map(([key, json]) => ({ key, json, dashboard: JSON.parse(json) as Dashboard })),
);
const panels = boards.flatMap(({ key, dashboard }) =>
  dashboard.panels.filter(({ type }) => type !== 'row').map((panel) => ({ key, title: panel.title, panel })),
);

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

test('homelab has the three dashboards, a cluster without backups has two, one without monitoring none', () => {
  const names = (cluster: string) =>
    configMaps.filter((each) => each.cluster === cluster).map(({ map }) => map.metadata.name);

  expect(names('homelab')).toEqual([
    'selfheal-dashboard-health',
    'selfheal-dashboard-node',
    'selfheal-dashboard-backups',
  ]);
  expect(names('pvek8s')).toEqual(['selfheal-dashboard-health', 'selfheal-dashboard-node']);
  expect(objectsOf(minimal(), 'dashboards')).toEqual([]);
});

test('every ConfigMap carries what the sidecar looks for', () => {
  for (const { map } of configMaps) {
    expect(map.metadata.labels).toEqual({ grafana_dashboard: '1' });
    expect(map.metadata.annotations).toEqual({ grafana_folder: 'selfheal' });
  }
});

test('no two dashboards share a uid or a key, not even of two clusters', () => {
  expect(new Set(boards.map(({ key }) => key)).size).toBe(boards.length);
  expect(new Set(boards.map(({ dashboard }) => dashboard.uid)).size).toBe(boards.length);
});

test('the longest name of a cluster still gives a uid that Grafana takes', () => {
  const long = parsed({ ...homelabSpec, name: 'a-cluster-of-the-longest-name-they-take' });
  const uids = objectsOf(long, 'dashboards').flatMap((manifest) =>
    Object.values((manifest as unknown as ConfigMap).data).map((json) => (JSON.parse(json) as Dashboard).uid),
  );

  expect(new Set(uids).size).toBe(3);
  for (const uid of uids) expect(uid.length).toBeLessThanOrEqual(40);
});

describe.each(boards)('$key', ({ key, json, dashboard }) => {
  test('ends in .json, is far below what a ConfigMap holds, and cannot be edited away from Git', () => {
    expect(key).toMatch(/\.json$/);
    expect(json.length).toBeLessThan(256 * 1024);
    expect(dashboard.editable).toBe(false);
  });

  test('lets a person choose the data source, and no panel names another', () => {
    expect(dashboard.templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource' });
    for (const { datasource, targets } of dashboard.panels.filter(({ type }) => type !== 'row')) {
      for (const used of [datasource, ...targets.map((target) => target.datasource)]) expect(used).toEqual(DATASOURCE);
    }
  });

  test('numbers its panels and names its queries without a double', () => {
    const ids = dashboard.panels.map(({ id }) => id);

    expect(new Set(ids).size).toBe(ids.length);
    expect(Math.min(...ids)).toBe(1);
    for (const { targets = [] } of dashboard.panels)
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  });

  test('leads to the other boards of the same cluster, and they to it', () => {
    for (const { tags } of dashboard.links) expect(dashboard.tags).toEqual(expect.arrayContaining([...tags]));
    expect(dashboard.links).toHaveLength(1);
    expect(dashboard.tags[1]).toBe(`selfheal-${key.split('-')[0]}`);
  });

  test('lets a node be chosen where it is about nodes, and asks for no other than those', () => {
    const names = dashboard.templating.list.map(({ name }) => name);
    const asked = [...dashboard.panels, ...dashboard.annotations.list].flatMap((one) =>
      'expr' in one ? [one.expr] : (one.targets ?? []).map(({ expr }) => expr),
    );

    expect(names.includes('node')).toBe(key.endsWith('-node.json'));
    for (const expr of asked) expect(expr.includes('$node'), expr).toBe(names.includes('node'));
  });

  test('marks boots and alerts on its graphs', () => {
    expect(dashboard.annotations.list.map(({ name }) => name)).toEqual(['Boots', 'Alerts']);
    for (const { expr } of dashboard.annotations.list) expect(syntaxErrors(expr)).toEqual([]);
  });

  test('places its panels inside the grid and none upon another', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );

    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });
});

test.each(panels)('$key, $title: parses, has a unit, and says what is normal and what is not', ({ panel }) => {
  const { defaults, overrides } = panel.fieldConfig;
  const units =
    panel.type === 'table' ? overrides.flatMap(({ properties }) => properties.map(({ id }) => id)) : ['unit'];

  expect(panel.description).toMatch(/\.$/);
  expect(panel.description.length).toBeGreaterThan(60);
  expect(panel.targets.length).toBeGreaterThan(0);
  for (const { expr } of panel.targets) expect(syntaxErrors(expr)).toEqual([]);
  expect(units.filter((id) => id === 'unit')).toHaveLength(panel.type === 'table' ? panel.targets.length : 1);
  if (panel.type !== 'table') expect(defaults.unit).toMatch(/^(short|bytes|s|percentunit)$/);
});

function syntaxErrors(expr: string): readonly string[] {
  const errors: string[] = [];
  // Grafana puts a duration in the variable's place.
  const text = expr.replaceAll('$__rate_interval', '5m');
  parser.parse(text).iterate({
    enter: ({ type, from }) => {
      if (type.isError) errors.push(text.slice(from, from + 30));
    },
  });
  return errors;
}

test('the watchdog is drawn only where its metrics are read', () => {
  const titles = (cluster: string) =>
    panels.filter(({ key }) => key === `${cluster}-node.json`).map(({ title }) => title);

  expect(titles('homelab')).toContain('Reboots left');
  expect(titles('pvek8s')).not.toContain('Reboots left');
});

test('every recording rule that a panel reads exists', () => {
  const recorded = rulesOf(homelab()).flatMap(({ record }) => record ?? []);
  const read = panels.flatMap(({ panel }) =>
    panel.targets.flatMap(({ expr }) => expr.match(/\bnode:[a-z_]+:[a-z]+/g) ?? []),
  );

  expect(read.length).toBeGreaterThan(0);
  for (const name of read) expect(recorded).toContain(name);
});

test('rendering twice gives the same bytes', () => {
  expect(objectsOf(homelab(), 'dashboards')).toEqual(objectsOf(homelab(), 'dashboards'));
  expect(alertNames(attic())).toEqual(alertNames(attic()));
});

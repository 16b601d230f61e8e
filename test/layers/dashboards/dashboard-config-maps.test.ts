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
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig: { readonly defaults: { readonly thresholds: { readonly steps: readonly object[] } } };
  readonly targets: readonly { readonly refId: string; readonly expr: string; readonly datasource: unknown }[];
}

interface Dashboard {
  readonly uid: string;
  readonly editable: boolean;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
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
  dashboard.panels.map((panel) => ({ key, title: panel.title, panel })),
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
    expect(dashboard.templating.list).toMatchObject([{ name: 'datasource', type: 'datasource' }]);
    for (const { datasource, targets } of dashboard.panels) {
      for (const used of [datasource, ...targets.map((target) => target.datasource)]) expect(used).toEqual(DATASOURCE);
    }
  });

  test('numbers its panels and names its queries without a double', () => {
    const ids = dashboard.panels.map(({ id }) => id);

    expect(new Set(ids).size).toBe(ids.length);
    expect(Math.min(...ids)).toBe(1);
    for (const { targets } of dashboard.panels)
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  });

  test('places its panels inside the grid and none upon another', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );

    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });
});

test.each(panels)('$key, $title: every query is valid PromQL and the panel explains itself', ({ panel }) => {
  expect(panel.description).toMatch(/\.$/);
  expect(panel.targets.length).toBeGreaterThan(0);
  for (const { expr } of panel.targets) expect(syntaxErrors(expr)).toEqual([]);
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

test('the watchdog is drawn with all its windows and with what else it saw', () => {
  const read = panels
    .filter(({ key }) => key === 'homelab-node.json')
    .flatMap(({ panel }) => panel.targets.map(({ expr }) => expr))
    .join('\n');

  for (const window of ['burst', 'sustained', 'chronic'])
    expect(read).toContain(`selfheal_watchdog_stalls{window="${window}"}`);
  expect(read).toContain('selfheal_watchdog_events_total');
});

test('the watchdog is drawn only where its metrics are read', () => {
  const titles = (cluster: string) =>
    panels.filter(({ key }) => key === `${cluster}-node.json`).map(({ title }) => title);

  expect(titles('homelab')).toContain('Watchdog reboots left');
  expect(titles('pvek8s')).not.toContain('Watchdog reboots left');
});

test('every recording rule that a panel reads exists', () => {
  const recorded = rulesOf(homelab()).flatMap(({ record }) => record ?? []);
  const read = panels.flatMap(({ panel }) =>
    panel.targets.flatMap(({ expr }) => expr.match(/\bnode:[a-z_]+:[a-z]+/g) ?? []),
  );

  expect(read.length).toBeGreaterThan(0);
  for (const name of read) expect(recorded).toContain(name);
});

/** A dashboard that is green while an alert fires, or red while none does, is not believed the next time. */
test.each([
  ['Age of the last local-path backup', 'BackupCronJobStale'],
  ['Age of the newest good snapshot', 'LocalPathBackupStale'],
  ['Age of control-plane leases', 'ControlPlaneLeaseNotRenewed'],
])('%s turns red at the number of %s', (title, alert) => {
  const panel = panels.find((each) => each.key.startsWith('homelab-') && each.title === title)?.panel;
  const expr = rulesOf(homelab()).find((rule) => rule.alert === alert)?.expr ?? '';

  const threshold = Number(/> (\d+)\)?$/m.exec(expr)?.[1]);

  expect(threshold).toBeGreaterThan(0);
  expect(panel?.fieldConfig.defaults.thresholds.steps.at(-1)).toEqual({ color: 'red', value: threshold });
});

test('rendering twice gives the same bytes', () => {
  expect(objectsOf(homelab(), 'dashboards')).toEqual(objectsOf(homelab(), 'dashboards'));
  expect(alertNames(attic())).toEqual(alertNames(attic()));
});

/**
 * Draws the dashboards of a cluster as they stand in dist, over a day that a real Prometheus remembers.
 *
 *   npx tsx tools/show-dashboards.ts [FOLDER]    homelab's, to FOLDER (docs/dashboards): *.png, and *.html beside /tmp
 *
 * It is no Grafana: it asks Prometheus what Grafana would ask, and draws it in Grafana's grid. A panel that has nothing
 * to show ends it by name, unless the panel says that nothing is normal. Needs prometheus, promtool and chromium.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { NOW, november30 } from '../test/rules/dashboards/day.js';
import { askPanel, type GrafanaDashboard, interpolate, type Look } from '../test/rules/dashboards/grafana.js';
import { RecordedDay } from '../test/rules/dashboards/recorded-day.js';
import { homelab } from '../test/support/clusters.js';
import { drawDashboard } from './dashboards/draw.js';
import type { Mark } from './dashboards/graph.js';

const DIST = new URL('../dist/homelab/dashboards/', import.meta.url);
const LOOK: Look = { from: (NOW - 180) * 60, to: NOW * 60, step: 60 };
const NIGHT: Look = { from: (NOW - 720) * 60, to: NOW * 60, step: 120 };
const NOTE =
  'Not Grafana: the same queries, asked of a real Prometheus and drawn in the same grid. November 30 with this project, at 14:12; the figures are made up from those of that day.';

const boards = readdirSync(process.env.DASHBOARDS ?? DIST.pathname).flatMap((file) =>
  Object.entries<string>(parse(readFileSync(join(process.env.DASHBOARDS ?? DIST.pathname, file), 'utf8')).data).map(
    ([key, json]) => ({ key, board: JSON.parse(json) as GrafanaDashboard }),
  ),
);

async function show(day: RecordedDay, key: string, board: GrafanaDashboard, target: string): Promise<void> {
  const cluster = homelab();
  const nodes = cluster.nodes.map(({ name }) => name);
  const look = key.includes('backups') ? NIGHT : LOOK;
  const drawn = await Promise.all(
    board.panels.map(async (panel) => {
      const asked = await askPanel(day, panel, nodes, look);
      const empty = asked.filter(({ answers }) => answers.length === 0);
      if (empty.length > 0 && panel.fieldConfig?.defaults.noValue === undefined)
        throw new Error(
          `panel '${panel.title}' of '${key}': expected something to see, got nothing for ${empty[0]?.target.expr}`,
        );
      return { panel, asked };
    }),
  );
  const marks: Mark[] = [];
  for (const { expr, iconColor } of board.annotations.list)
    for (const { values } of await day.range(interpolate(expr, nodes), look.from, look.to, 60))
      for (const [index, [time]] of values.entries())
        if (time - (values[index - 1]?.[0] ?? 0) > 60) marks.push({ at: time, colour: iconColor });
  const { html, width, height } = drawDashboard(board, drawn, marks, look, NOTE);
  const folder = mkdtempSync(join(tmpdir(), 'dashboards-'));
  try {
    writeFileSync(join(folder, 'page.html'), html);
    const png = join(target, `${key.replace(/^homelab-|\.json$/g, '')}.png`);
    const { status, stderr } = spawnSync(
      'chromium',
      [
        ...['--headless=new', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', `--user-data-dir=${folder}`],
        ...[`--window-size=${width},${height}`, `--screenshot=${png}`, `file://${folder}/page.html`],
      ],
      { encoding: 'utf8', timeout: 60_000 },
    );
    if (status !== 0) throw new Error(`chromium: expected a picture '${png}', got ${stderr.slice(-500)}`);
    process.stdout.write(`${png}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const target = process.argv[2] ?? new URL('../docs/dashboards', import.meta.url).pathname;
mkdirSync(target, { recursive: true });
const day = await RecordedDay.of(homelab(), november30(homelab()), NOW);
try {
  for (const { key, board } of boards) await show(day, key.replace('.json', ''), board, target);
} finally {
  await day.destroy();
}

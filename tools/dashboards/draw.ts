/** The panels of a dashboard as HTML and SVG, each in its place of the grid. */
import {
  type Asked,
  type GrafanaDashboard,
  type GrafanaPanel,
  type Look,
  legend,
} from '../../test/rules/dashboards/grafana.js';
import { drawGraph, type Mark } from './graph.js';
import { drawTable } from './table.js';
import { drawTimeline } from './timeline.js';
import { colourNamed, escaped, reading } from './values.js';

const [COLUMN, LINE, GAP] = [48, 22, 6];

interface Drawn {
  readonly panel: GrafanaPanel;
  readonly asked: readonly Asked[];
}

export function drawDashboard(
  { title, description }: GrafanaDashboard,
  panels: readonly Drawn[],
  marks: readonly Mark[],
  look: Look,
  note: string,
): { readonly html: string; readonly width: number; readonly height: number } {
  const bottom = Math.max(...panels.map(({ panel: { gridPos } }) => gridPos.y + gridPos.h));
  const [width, height] = [24 * COLUMN + GAP, bottom * (LINE + GAP) + 74];
  const body = panels.map((drawn) => place(drawn, marks, look)).join('\n');
  return {
    width,
    height,
    html: `<!doctype html><meta charset="utf-8"><style>${STYLE}</style>
<header><b>${escaped(title)}</b> <span>${escaped(description)}</span><p>${escaped(note)}</p></header>
<main style="height:${height - 74}px">${body}</main>`,
  };
}

function place({ panel, asked }: Drawn, marks: readonly Mark[], look: Look): string {
  const { x, y, w, h } = panel.gridPos;
  const [width, height] = [w * COLUMN - GAP, h * (LINE + GAP) - GAP];
  const box = `left:${x * COLUMN + GAP}px;top:${y * (LINE + GAP)}px;width:${width}px;height:${height}px`;
  if (panel.type === 'row') return `<h2 style="${box}">▾ ${escaped(panel.title)}</h2>`;
  const inside = { width: width - 16, height: height - 34 };
  return `<section style="${box}"><h3>${escaped(panel.title)}</h3>${draw(panel, asked, inside, marks, look)}</section>`;
}

function draw(
  panel: GrafanaPanel,
  asked: readonly Asked[],
  inside: { readonly width: number; readonly height: number },
  marks: readonly Mark[],
  look: Look,
): string {
  if (asked.every(({ answers }) => answers.length === 0))
    return `<div class="none">${escaped(panel.fieldConfig.defaults.noValue ?? 'No data')}</div>`;
  switch (panel.type) {
    case 'stat':
      return drawStat(panel, asked);
    case 'table':
      return drawTable(panel, asked);
    case 'state-timeline':
      return drawTimeline(asked, inside, look);
    case 'timeseries':
      return drawGraph(panel, asked, inside, marks, look);
    default:
      throw new Error(`panel '${panel.title}': expected a kind that can be drawn, got '${panel.type}'`);
  }
}

function drawStat(panel: GrafanaPanel, asked: readonly Asked[]): string {
  const field = panel.fieldConfig.defaults;
  const tiles = asked.flatMap(({ target, answers }) =>
    answers.map(({ metric, values }) => {
      const { text, colour } = reading(values.at(-1)?.[1] ?? Number.NaN, field);
      const size = text.length > 12 ? 14 : text.length > 6 ? 17 : 24;
      return `<div style="background:${colourNamed(colour)}"><small>${escaped(legend(target, metric))}</small><b style="font-size:${size}px">${escaped(text)}</b></div>`;
    }),
  );
  return `<div class="stat">${tiles.join('')}</div>`;
}

const STYLE = `
body{margin:0;background:#111217;color:#ccccdc;font:12px Inter,"DejaVu Sans",Helvetica,sans-serif}
header{height:58px;padding:8px 16px}header b{font-size:17px;color:#fff}header span{margin-left:10px;color:#9fa3ad}
header p{margin:7px 0 0;color:#8e8ea0;font-size:11px}
main{position:relative}section,h2{position:absolute;box-sizing:border-box;margin:0}
h2{font-size:14px;font-weight:600;line-height:30px;color:#ccccdc}
section{background:#181b1f;border:1px solid #2c3035;border-radius:3px;padding:5px 8px;overflow:hidden}
h3{margin:0 0 4px;font-size:12px;font-weight:600;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.stat{display:flex;gap:4px;height:calc(100% - 22px)}
.stat div{flex:1;min-width:0;border-radius:3px;color:#fff;display:flex;flex-direction:column;align-items:center;justify-content:center;overflow:hidden}
.stat small{opacity:.85;white-space:nowrap}.stat b{font-weight:600;white-space:nowrap}
.none{display:flex;height:calc(100% - 22px);align-items:center;justify-content:center;color:#9fa3ad;font-size:14px}
table{border-collapse:collapse;width:100%}th{text-align:left;font-weight:500;color:#6e9fff;padding:4px 8px;border-bottom:1px solid #2c3035}
td{padding:5px 8px;border-bottom:1px solid #23262b;white-space:nowrap}td a{color:#6e9fff}
.legend{margin-top:2px;color:#b4b7c0;font-size:11px;white-space:nowrap;overflow:hidden}.legend i{display:inline-block;width:12px;height:3px;margin:0 4px 3px 8px}
text{fill:#9fa3ad;font-size:10px}`;

/** The paper and the signs of the drawing. */
import type { Decision } from './detector-output.js';

export const WIDTH = 960;
export const MARGIN = 16;
export const LEFT = 90;
export const RIGHT = 220;

/** Plain colours, which every viewer knows; a reader's dark screen turns them round. */
export const STYLE = `text{font:13px system-ui,sans-serif;fill:#1b1f24}.head{font-weight:bold}.small{font-size:11px;fill:#57606a}
.paper{fill:#fff}.rule{stroke:#d0d7de}.mark{stroke:#57606a}
.stall{fill:#b35900}.grace{fill:#d8dee4}.reboot{fill:#cf222e}.alert{fill:#8250df}.watch{stroke:#2da44e;stroke-width:3}
.unknown{stroke:#57606a;stroke-dasharray:2 5}@media (prefers-color-scheme:dark){text{fill:#e6edf3}.small{fill:#9198a1}
.paper{fill:#0d1117}.rule{stroke:#3d444d}.mark,.unknown{stroke:#9198a1}.stall{fill:#f0883e}
.grace{fill:#3d444d}.reboot{fill:#ff7b72}.alert{fill:#bc8cff}.watch{stroke:#3fb950}}`;

export const escaped = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

export const round = (value: number): number => Math.round(value * 10) / 10;

export const text = (x: number, y: number, words: string, role?: string): string =>
  `<text${role === undefined ? '' : ` class="${role}"`} x="${x}" y="${y}">${escaped(words)}</text>`;

export const small = (x: number, y: number, words: string, anchor?: string): string =>
  `<text class="small" x="${x}" y="${y}"${anchor === undefined ? '' : ` text-anchor="${anchor}"`}>${escaped(words)}</text>`;

export const line = (from: number, to: number, y: number, role: string): string =>
  `<line x1="${from}" y1="${y}" x2="${to}" y2="${y}" class="${role}"/>`;

export const mark = (action: Decision['action'], x: number, y: number): string =>
  action === 'reboot'
    ? `<circle cx="${x}" cy="${y}" r="7" class="reboot"/>`
    : `<path d="M${x} ${y - 7}L${round(x + 7)} ${y}L${x} ${y + 7}L${round(x - 7)} ${y}Z" class="alert"/>`;

/** What each sign means, first of all. */
export const LEGEND = {
  parts: [
    `<rect x="${MARGIN}" y="2" width="8" height="12" class="stall"/>`,
    small(MARGIN + 14, 12, 'stall reports'),
    `<rect x="112" y="3" width="24" height="10" class="grace"/>`,
    small(142, 12, 'grace'),
    line(192, 216, 8, 'watch'),
    small(222, 12, 'watched'),
    mark('reboot', 290, 8),
    small(302, 12, 'reboot'),
    mark('alert', 362, 8),
    small(374, 12, 'alert'),
    line(420, 448, 8, 'unknown'),
    small(454, 12, 'not known: this log went on without the reboot'),
  ],
  height: 26,
};

/** The time line as a drawing: complete in itself, with words for those who cannot see it, light or dark. */
import type { Decision } from './detector-output.js';
import { type Boot, printable, type Replay, wallTime } from './report.js';
import { axisMarks, barHeight, density, describeVerdict, hasSomething } from './strips.js';
import { clock, span } from './words.js';

const WIDTH = 960;
const LEFT = 90;
const RIGHT = 220;
const STRIP = WIDTH - LEFT - RIGHT;
const BAR_HEIGHT = 44;
const ROW = 22;
const COLUMNS = 160;

/** Plain colours, which every viewer knows; a reader's dark screen turns them round. */
const STYLE = `text{font:13px system-ui,sans-serif;fill:#1b1f24}.small{font-size:11px;fill:#57606a}.paper{fill:#fff}
.rule{stroke:#d0d7de}.mark{stroke:#57606a}.stall{fill:#b35900}.grace{fill:#d8dee4}.reboot{fill:#cf222e}.alert{fill:#8250df}
.watch{stroke:#2da44e;stroke-width:3}.unknown{stroke:#57606a;stroke-dasharray:2 5}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.small{fill:#9198a1}.paper{fill:#0d1117}.rule{stroke:#3d444d}
.mark,.unknown{stroke:#9198a1}.stall{fill:#f0883e}.grace{fill:#3d444d}.reboot{fill:#ff7b72}.alert{fill:#bc8cff}.watch{stroke:#3fb950}}`;

export function drawSvg(replays: readonly Replay[]): readonly string[] {
  const parts: string[] = [];
  let y = 28;
  for (const replay of replays) {
    parts.push(`<text x="16" y="${y}" font-weight="bold">${escaped(headline(replay))}</text>`);
    y += 14;
    const boots = replay.summary.time === 'none' ? [] : replay.boots.filter((boot) => hasSomething(replay, boot));
    if (boots.length === 0) {
      parts.push(`<text class="small" x="16" y="${y + 8}">${escaped(nothingToDraw(replay))}</text>`);
      y += 20;
    }
    for (const boot of boots) {
      const panel = drawBoot(replay, boot, y);
      parts.push(...panel.parts);
      y += panel.height;
    }
    y += 30;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(`Kernel log replayed: ${replays.map(name).join(', ')}`)}</title>`,
    `<desc id="desc">${escaped(replays.map(describe).join(' '))}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect width="${WIDTH}" height="${y}" class="paper"/>`,
    ...parts,
    `<text class="small" x="16" y="${y - 12}">Bars: stall reports. Grey: grace. Line: watched. Circle: reboot. Diamond: alert. Dashed: not known, this log went on without the reboot.</text>`,
    '</svg>',
  ];
}

const name = ({ file }: Replay): string => printable(Buffer.from(file, 'utf8').toString('latin1'));

const headline = (replay: Replay): string =>
  `${name(replay)}: ${replay.seen.reports.length} stall reports of ${replay.seen.gracePeriods} grace periods`;

const nothingToDraw = ({ summary }: Replay): string =>
  summary.time === 'none' ? 'No time stamps: no policy can be judged.' : 'No boot with a stall.';

/** Every decision in words, which is what the drawing shows. */
function describe(replay: Replay): string {
  if (replay.summary.time === 'none') return `${headline(replay)}. ${nothingToDraw(replay)}`;
  const sentences = replay.verdicts.map(({ policy, decisions }) => {
    const words = decisions.map(
      ({ action, at, path, count, boot }) => `${action} at ${clock(at)} of boot ${boot} by ${path} (${count})`,
    );
    return `${policy.name}: ${words.length === 0 ? 'nothing' : words.join(', ')}.`;
  });
  return `${headline(replay)}. ${sentences.join(' ')}`;
}

function drawBoot(
  replay: Replay,
  boot: Boot,
  top: number,
): { readonly parts: readonly string[]; readonly height: number } {
  const end = Math.max(boot.lastSeconds, 1);
  const x = (seconds: number): number => round(LEFT + (Math.min(seconds, end) / end) * STRIP);
  const base = top + 26 + BAR_HEIGHT;
  const reports = replay.seen.reports.filter((report) => report.boot === boot.number);
  const counts = density(
    reports.map(({ at }) => Math.min(COLUMNS - 1, Math.floor((at / end) * COLUMNS))),
    COLUMNS,
  );
  const highest = Math.max(...counts, 1);
  const start = wallTime([boot], { boot: boot.number, at: 0 });
  const bars = counts.flatMap((count, index) => {
    if (count === 0) return [];
    const height = round(Math.max(2, barHeight(count, highest) * BAR_HEIGHT));
    return [
      `<rect x="${round(LEFT + (index / COLUMNS) * STRIP)}" y="${round(base - height)}" width="${round(STRIP / COLUMNS)}" height="${height}" class="stall"/>`,
    ];
  });
  const rows = replay.verdicts.flatMap((verdict, index) => {
    const y = base + 34 + index * ROW;
    const own = verdict.decisions.filter((decision) => decision.boot === boot.number);
    const reboot = own.find(({ action }) => action === 'reboot');
    const grace = x(verdict.policy.graceSeconds);
    const until = reboot === undefined ? LEFT + STRIP : x(reboot.at);
    return [
      `<text x="16" y="${y + 4}">${escaped(verdict.policy.name)}</text>`,
      `<rect x="${LEFT}" y="${y - 5}" width="${round(grace - LEFT)}" height="10" class="grace"/>`,
      line(Math.min(grace, until), until, y, 'watch'),
      line(until, LEFT + STRIP, y, 'unknown'),
      ...own.map((decision) => mark(decision, x(decision.at), y)),
      `<text class="small" x="${LEFT + STRIP + 12}" y="${y + 4}">${escaped(shortly(own.map((decision) => describeVerdict(decision, verdict.policy, verdict.inARow.get(boot.number)))))}</text>`,
    ];
  });
  const marks = axisMarks(end).flatMap((seconds) => [
    `<line x1="${x(seconds)}" y1="${base}" x2="${x(seconds)}" y2="${base + 4}" class="mark"/>`,
    `<text class="small" x="${x(seconds)}" y="${base + 16}" text-anchor="middle">${seconds === 0 ? '0' : span(seconds)}</text>`,
  ]);
  return {
    height: 26 + BAR_HEIGHT + 34 + replay.verdicts.length * ROW,
    parts: [
      `<text class="small" x="16" y="${top + 12}">${escaped(`boot ${boot.number} of ${replay.boots.length}${start === undefined ? '' : `, since ${start}`}, known up to ${clock(boot.lastSeconds)}`)}</text>`,
      line(LEFT, LEFT + STRIP, base, 'rule'),
      `<text class="small" x="${LEFT + STRIP + 12}" y="${base}">${reports.length === 0 ? 'no stalls' : `at most ${highest} in ${span(Math.ceil(end / COLUMNS))}`}</text>`,
      ...bars,
      ...marks,
      ...rows,
    ],
  };
}

const line = (from: number, to: number, y: number, role: string): string =>
  `<line x1="${from}" y1="${y}" x2="${to}" y2="${y}" class="${role}"/>`;

const mark = ({ action }: Decision, x: number, y: number): string =>
  action === 'reboot'
    ? `<circle cx="${x}" cy="${y}" r="7" class="reboot"/>`
    : `<path d="M${x} ${y - 7}L${round(x + 7)} ${y}L${x} ${y + 7}L${round(x - 7)} ${y}Z" class="alert"/>`;

const shortly = ([first = 'nothing', ...more]: readonly string[]): string =>
  more.length === 0 ? first : `${first}, and ${more.length} more`;

const round = (value: number): number => Math.round(value * 10) / 10;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

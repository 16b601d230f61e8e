/** The time line as a drawing: complete in itself, with words for those who cannot see it, light or dark. */
import { factsOf, fileName, policyTable } from './facts.js';
import {
  axisMarks,
  barHeight,
  density,
  describeVerdict,
  drawPanels,
  mostOf,
  nameOthers,
  othersIn,
  quietBoots,
  scaleOf,
} from './panels.js';
import type { Boot, Replay } from './report.js';
import { escaped, LEFT, LEGEND, line, MARGIN, mark, RIGHT, round, STYLE, small, text, WIDTH } from './svg-parts.js';
import { clock } from './words.js';

const STRIP = WIDTH - LEFT - RIGHT;
const BAR_HEIGHT = 44;
const ROW = 22;
const COLUMNS = 160;
/** Of the small text, in the widest of the usual fonts. */
const LETTER = 8;

/** Parts that begin at 0, and how far down they reach. */
interface Block {
  readonly parts: readonly string[];
  readonly height: number;
}

export function drawSvg(replays: readonly Replay[]): readonly string[] {
  const blocks = [LEGEND, ...replays.slice(0, 1).map(drawPolicies), ...replays.flatMap(drawLog)];
  const height = blocks.reduce((sum, block) => sum + block.height, 2 * MARGIN);
  let top = MARGIN;
  const placed = blocks.map(({ parts, height: own }) => {
    const group = `<g transform="translate(0 ${top})">${parts.join('')}</g>`;
    top += own;
    return group;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(`Kernel log replayed: ${replays.map(fileName).join(', ')}`)}</title>`,
    `<desc id="desc">${escaped(replays.map(describe).join(' '))}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect width="${WIDTH}" height="${height}" class="paper"/>`,
    ...placed,
    '</svg>',
  ];
}

/** Every decision in words, which is what the drawing shows. */
function describe(replay: Replay): string {
  const headline = `${fileName(replay)}: ${factsOf(replay).join('; ')}.`;
  if (replay.summary.time === 'none') return headline;
  const sentences = replay.verdicts.map(({ policy, decisions }) => {
    const words = decisions.map(
      ({ action, at, path, count, boot }) => `${action} at ${clock(at)} of boot ${boot} by ${path} (${count})`,
    );
    return `${policy.name}: ${words.length === 0 ? 'nothing' : words.join(', ')}.`;
  });
  return `${headline} ${sentences.join(' ')}`;
}

function drawPolicies({ verdicts }: Replay): Block {
  const table = policyTable(verdicts.map(({ policy }) => policy));
  const step = (WIDTH - LEFT - MARGIN) / ((table[0]?.length ?? 2) - 1);
  const parts = table.flatMap((row, index) =>
    row.map((cell, column) =>
      (column === 0 ? text : small)(column === 0 ? MARGIN : round(LEFT + (column - 1) * step), 14 + index * 18, cell),
    ),
  );
  return { parts, height: 14 + table.length * 18 };
}

function drawLog(replay: Replay): readonly Block[] {
  const facts = factsOf(replay);
  const heading: Block = {
    parts: [
      text(MARGIN, 34, fileName(replay), 'head'),
      ...facts.map((fact, index) => small(MARGIN, 52 + index * 15, fact)),
    ],
    height: 44 + facts.length * 15,
  };
  if (replay.summary.time === 'none') return [heading];
  const panels = drawPanels(replay, (boot) => drawBoot(replay, boot));
  const height = 26 + BAR_HEIGHT + 34 + (replay.verdicts.length + 1) * ROW;
  return [
    heading,
    ...panels.map(({ title, parts }) => ({ parts: [small(MARGIN, 20, title), ...parts], height })),
    ...quietBoots(replay).map((words) => ({ parts: [small(MARGIN, 20, words)], height: 26 })),
  ];
}

function drawBoot(replay: Replay, boot: Boot): readonly string[] {
  const scale = scaleOf(boot, COLUMNS);
  const end = scale.columns * scale.columnSeconds;
  const x = (seconds: number): number => round(LEFT + (Math.min(seconds, end) / end) * STRIP);
  const base = 30 + BAR_HEIGHT;
  const reports = replay.seen.reports.filter((report) => report.boot === boot.number);
  const counts = density(
    reports.map(({ at }) => scale.column(at)),
    scale.columns,
  );
  const highest = Math.max(...counts);
  const bars = counts.flatMap((count, index) => {
    if (count === 0) return [];
    const height = round(Math.max(2, barHeight(count, highest) * BAR_HEIGHT));
    return [
      `<rect x="${x(index * scale.columnSeconds)}" y="${round(base - height)}" width="${round(STRIP / scale.columns)}" height="${height}" class="stall"/>`,
    ];
  });
  const kinds = othersIn(replay.seen, boot);
  const first = base + 34;
  const others =
    kinds.length === 0
      ? []
      : [
          text(MARGIN, first + 4, 'others'),
          ...kinds.flatMap(({ letter, moments }) =>
            [...new Set(moments.map(({ at }) => x(at)))].map((place) => small(place, first + 4, letter, 'middle')),
          ),
          small(LEFT + STRIP + 12, first + 4, nameOthers(kinds)),
        ];
  const rows = replay.verdicts.flatMap(({ policy, decisions, inARow }, index) => {
    const y = first + (index + (kinds.length === 0 ? 0 : 1)) * ROW;
    const own = decisions.filter((decision) => decision.boot === boot.number);
    const last = x(boot.lastSeconds);
    const reboot = own.find(({ action }) => action === 'reboot');
    const until = reboot === undefined ? last : x(reboot.at);
    const grace = Math.min(x(policy.graceSeconds), until);
    return [
      text(MARGIN, y + 4, policy.name),
      `<rect x="${LEFT}" y="${y - 5}" width="${round(grace - LEFT)}" height="10" class="grace"/>`,
      ...(until > grace ? [line(grace, until, y, 'watch')] : []),
      ...(last > until ? [line(until, last, y, 'unknown')] : []),
      ...own.map((decision) => mark(decision.action, x(decision.at), y)),
      small(
        LEFT + STRIP + 12,
        y + 4,
        shortly(own.map((decision) => describeVerdict(decision, policy, inARow.get(boot.number)))),
      ),
    ];
  });
  const axis = axisMarks(end, STRIP, LETTER).flatMap(({ seconds, label }) => [
    `<line x1="${x(seconds)}" y1="${base}" x2="${x(seconds)}" y2="${base + 4}" class="mark"/>`,
    small(x(seconds), base + 16, label, 'middle'),
  ]);
  return [
    line(LEFT, LEFT + STRIP, base, 'rule'),
    small(LEFT + STRIP + 12, base, reports.length === 0 ? 'no stalls' : mostOf(highest, scale)),
    ...bars,
    ...others,
    ...axis,
    ...rows,
  ];
}

const shortly = ([first = 'nothing', ...more]: readonly string[]): string =>
  more.length === 0 ? first : `${first}, and ${more.length} more`;

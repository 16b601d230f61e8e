/** A boot as strips of characters: its stalls, and what each policy made of them. */
import {
  axisMarks,
  barHeight,
  density,
  describeVerdict,
  mostOf,
  nameOthers,
  othersIn,
  type Scale,
  scaleOf,
} from './panels.js';
import type { Boot, Replay, Verdict } from './report.js';

const COLUMNS = 50;
const LABEL = 9;
const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

export function drawStrips(replay: Replay, boot: Boot): readonly string[] {
  const scale = scaleOf(boot, COLUMNS);
  const reports = replay.seen.reports.filter((report) => report.boot === boot.number);
  const counts = density(
    reports.map(({ at }) => scale.column(at)),
    scale.columns,
  );
  const highest = Math.max(...counts);
  const bars = counts.map((count) =>
    count === 0 ? ' ' : (BARS[Math.ceil(barHeight(count, highest) * BARS.length) - 1] ?? ' '),
  );
  return [
    `${''.padEnd(LABEL)}  ${axis(scale)}`,
    strip('stalls', bars, mostOf(highest, scale)),
    ...drawOthers(replay, boot, scale),
    ...replay.verdicts.flatMap((verdict) => drawVerdict(verdict, boot, scale)),
  ];
}

const strip = (label: string, cells: readonly string[], words: string): string =>
  `  ${label.slice(0, LABEL - 1).padEnd(LABEL)}${cells.join('')}  ${words}`;

function drawOthers({ seen }: Replay, boot: Boot, { columns, column }: Scale): readonly string[] {
  const kinds = othersIn(seen, boot);
  if (kinds.length === 0) return [];
  const cells = new Array<string>(columns).fill(' ');
  for (const { letter, moments } of kinds) for (const { at } of moments) cells[column(at)] = letter;
  return [strip('others', cells, nameOthers(kinds))];
}

function drawVerdict(
  { policy, decisions, inARow }: Verdict,
  boot: Boot,
  { columns, column }: Scale,
): readonly string[] {
  const own = decisions.filter((decision) => decision.boot === boot.number);
  const reboot = own.find(({ action }) => action === 'reboot');
  const cells = Array.from({ length: columns }, (_, index): string => {
    if (reboot !== undefined && index > column(reboot.at)) return '·';
    return boot.lastSeconds < policy.graceSeconds || index < column(policy.graceSeconds) ? '░' : '─';
  });
  for (const { action, at } of own) cells[column(at)] = action === 'reboot' ? 'R' : '!';
  const [first = 'nothing', ...more] = own.map((decision) =>
    describeVerdict(decision, policy, inARow.get(boot.number)),
  );
  return [strip(policy.name, cells, first), ...more.map((text) => `${''.padEnd(LABEL + columns + 4)}${text}`)];
}

/** The uptime over the columns. */
function axis({ columns, columnSeconds, column }: Scale): string {
  const cells: string[] = new Array<string>(COLUMNS + 6).fill(' ');
  for (const { seconds, label } of axisMarks(columns * columnSeconds, columns, 1)) {
    const from = column(seconds);
    if (from + label.length <= cells.length) cells.splice(from, label.length, ...label);
  }
  return cells.join('').trimEnd();
}

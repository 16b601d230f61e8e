/** The time line that a person reads at a glance. */
import { factsOf, fileName, policyTable } from './facts.js';
import { drawPanels, quietBoots } from './panels.js';
import { printable, type Replay, UNPARSED_SHOWN } from './report.js';
import { drawStrips } from './strips.js';
import { clock, counted } from './words.js';

const LEGEND = '░ grace  ─ watched  R reboot  ! alert  · not known: this log went on without the reboot';

/** The policies first, since they are the same for all files; the legend last. */
export function drawText(replays: readonly Replay[]): readonly string[] {
  const [first] = replays;
  if (first === undefined) return [];
  return [
    ...thresholds(first),
    ...replays.flatMap((replay, index) => ['', ...(index === 0 ? [] : ['']), ...drawLog(replay)]),
    ...(replays.some(isJudged) ? ['', LEGEND] : []),
  ];
}

const isJudged = ({ summary }: Replay): boolean => summary.time !== 'none';

function thresholds({ verdicts }: Replay): readonly string[] {
  const table = policyTable(verdicts.map(({ policy }) => policy));
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length))) ?? [];
  return table.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}

function drawLog(replay: Replay): readonly string[] {
  const panels = isJudged(replay) ? drawPanels(replay, (boot) => drawStrips(replay, boot)) : [];
  return [
    fileName(replay),
    ...factsOf(replay).map((fact) => `  ${fact}`),
    ...panels.flatMap(({ title, parts }) => ['', title, ...parts]),
    ...quietBoots(replay).flatMap((words) => ['', words]),
    ...unparsed(replay),
  ];
}

function unparsed({ seen }: Replay): readonly string[] {
  if (seen.unparsed.length === 0) return [];
  return [
    '',
    `${counted(seen.unparsed.length, 'line')} like a stall that could not be parsed, and count nowhere above:`,
    ...seen.unparsed.slice(0, UNPARSED_SHOWN).map(({ at, text }) => `  ${clock(at)}  ${printable(text).slice(0, 88)}`),
    ...(seen.unparsed.length > UNPARSED_SHOWN ? [`  and ${seen.unparsed.length - UNPARSED_SHOWN} more`] : []),
  ];
}

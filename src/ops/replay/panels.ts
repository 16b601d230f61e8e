/** What every drawing of a boot is made of: its columns, the marks of its time, and which boots look alike. */
import type { Decision, Moment, Observations } from './detector-output.js';
import type { Policy } from './policies.js';
import { type Boot, type Replay, wallTime } from './report.js';
import { clock, counted, span } from './words.js';

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

const COLUMN_SECONDS = [
  ...[1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 40],
  ...[1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 40].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 4, 6, 8, 12].map((hours) => hours * HOUR),
];

const MARK_SECONDS = [
  ...[10, 20, 30],
  ...[1, 2, 5, 10, 20, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 4, 6, 8, 12].map((hours) => hours * HOUR),
  ...[1, 2, 4, 7, 14, 28, 56].map((days) => days * DAY),
];

/** The uptime of a boot in columns of a round length. */
export interface Scale {
  readonly columns: number;
  readonly columnSeconds: number;
  readonly column: (seconds: number) => number;
}

export function scaleOf(boot: Boot, most: number): Scale {
  const end = Math.max(boot.lastSeconds, 1);
  const columnSeconds = COLUMN_SECONDS.find((seconds) => end / seconds <= most) ?? Math.ceil(end / most / DAY) * DAY;
  const columns = Math.ceil(end / columnSeconds);
  return {
    columns,
    columnSeconds,
    column: (seconds) => Math.min(columns - 1, Math.floor(seconds / columnSeconds)),
  };
}

/** Round moments of an uptime whose labels do not touch; `letter` and `width` are lengths on the same paper. */
export function axisMarks(end: number, width: number, letter: number): readonly { seconds: number; label: string }[] {
  const marks = (step: number) =>
    Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => ({
      seconds: index * step,
      label: index === 0 ? '0' : span(index * step),
    }));
  const fits = (step: number): boolean => {
    const longest = Math.max(...marks(step).map(({ label }) => label.length));
    return (step / end) * width >= (longest + 1) * letter;
  };
  return marks(MARK_SECONDS.find((step) => end / step <= 50 && fits(step)) ?? end);
}

/** Whether there is something to draw. */
function hasSomething({ seen, verdicts }: Replay, { number }: Boot): boolean {
  const moments = [
    seen.reports,
    ...othersOf(seen).map((kind) => kind.moments),
    ...verdicts.map(({ decisions }) => decisions),
  ];
  return moments.some((list) => list.some(({ boot }) => boot === number));
}

interface Panel {
  readonly title: string;
  readonly parts: readonly string[];
}

/** Boots that look alike are drawn once: a loop has many. */
export function drawPanels(replay: Replay, draw: (boot: Boot) => readonly string[]): readonly Panel[] {
  const groups: { readonly first: Boot; last: Boot; readonly parts: readonly string[] }[] = [];
  for (const boot of replay.boots.filter((candidate) => hasSomething(replay, candidate))) {
    const parts = draw(boot);
    const before = groups.at(-1);
    if (before?.last.number === boot.number - 1 && before.parts.join() === parts.join()) before.last = boot;
    else groups.push({ first: boot, last: boot, parts });
  }
  return groups.map(({ first, last, parts }) => ({ title: title(replay, first, last), parts }));
}

function title({ boots }: Replay, first: Boot, last: Boot): string {
  const isOne = first === last;
  const since = wallTime([first], { boot: first.number, at: 0 });
  const which = isOne ? `boot ${first.number}` : `boots ${first.number} to ${last.number}`;
  const from = since === undefined ? '' : `, ${isOne ? '' : 'the first '}since ${since}`;
  return `${which} of ${boots.length}${from}, known up to ${clock(last.lastSeconds)}${isOne ? '' : ', all alike'}`;
}

export const quietBoots = (replay: Replay): readonly string[] => {
  const quiet = replay.boots.filter((boot) => !hasSomething(replay, boot)).length;
  return quiet === 0 ? [] : [`${counted(quiet, 'boot')} more, without a stall or anything else that counts`];
};

/** A kind of what else the kernel complained of. */
interface Other {
  readonly letter: string;
  readonly name: string;
  readonly moments: readonly Moment[];
}

const othersOf = (seen: Observations): readonly Other[] => [
  { letter: 'o', name: 'OOM', moments: seen.oomKills },
  { letter: 'n', name: 'NFS', moments: seen.nfs },
  { letter: 'h', name: 'hung', moments: seen.hungTasks },
  { letter: 's', name: 'soft', moments: seen.softLockups },
  { letter: 'H', name: 'hard', moments: seen.hardLockups },
  { letter: '?', name: 'odd', moments: seen.unparsed },
];

export const othersIn = (seen: Observations, { number }: Boot): readonly Other[] =>
  othersOf(seen)
    .map((kind) => ({ ...kind, moments: kind.moments.filter(({ boot }) => boot === number) }))
    .filter(({ moments }) => moments.length > 0);

/** `o OOM n NFS`. */
export const nameOthers = (kinds: readonly Other[]): string =>
  kinds.map(({ letter, name }) => `${letter} ${name}`).join(' ');

export function density(columns: readonly number[], size: number): readonly number[] {
  const counts = new Array<number>(size).fill(0);
  for (const column of columns) counts[column] = (counts[column] ?? 0) + 1;
  return counts;
}

/** From 0 to 1, by its logarithm: one stall beside the storm after a boot is still to be seen. */
export const barHeight = (count: number, highest: number): number => Math.log1p(count) / Math.log1p(highest);

/** `at most 55 in 10min`. */
export const mostOf = (highest: number, { columnSeconds }: Scale): string =>
  highest === 0 ? 'none' : `at most ${highest} in ${span(columnSeconds)}`;

/** `reboot 7:55:00 sustained 12, 1 of 3`. */
export function describeVerdict(
  { action, at, path, count }: Decision,
  policy: Policy,
  inARow: number | undefined,
): string {
  const budget =
    action === 'reboot' && policy.budget !== undefined && inARow !== undefined
      ? `, ${inARow} of ${policy.budget.maxReboots}`
      : '';
  return `${action} ${clock(at)} ${path} ${count}${budget}`;
}

/** Each boot as strips of characters: its stalls, and what each policy made of them. */
import type { Decision, Moment } from './detector-output.js';
import type { Policy } from './policies.js';
import { type Boot, type Replay, type Verdict, wallTime } from './report.js';
import { clock, span } from './words.js';

const COLUMNS = 50;
const LABEL = 9;
const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** Whether there is something to draw. */
export function hasSomething({ seen, verdicts }: Replay, { number }: Boot): boolean {
  const moments = [
    seen.reports,
    seen.unparsed,
    seen.hungTasks,
    seen.softLockups,
    seen.hardLockups,
    ...verdicts.map(({ decisions }) => decisions),
  ];
  return moments.some((list) => list.some(({ boot }) => boot === number));
}

/** Boots that look alike are drawn once: a loop has many. */
export function drawBoots(replay: Replay, boots: readonly Boot[]): readonly string[] {
  const groups: { readonly first: Boot; last: Boot; readonly drawing: readonly string[] }[] = [];
  for (const boot of boots) {
    const drawing = drawBoot(replay, boot);
    const before = groups.at(-1);
    if (before?.last.number === boot.number - 1 && before.drawing.join() === drawing.join()) before.last = boot;
    else groups.push({ first: boot, last: boot, drawing });
  }
  return groups.flatMap(({ first, last, drawing }) => {
    const since = wallTime([first], { boot: first.number, at: 0 });
    const which = first === last ? `boot ${first.number}` : `boots ${first.number} to ${last.number}`;
    const from = since === undefined ? '' : `, ${first === last ? '' : 'the first '}since ${since}`;
    return [
      '',
      `${which} of ${replay.boots.length}${from}, known up to ${clock(last.lastSeconds)}${first === last ? '' : ', all alike'}`,
      ...drawing,
    ];
  });
}

function drawBoot(replay: Replay, boot: Boot): readonly string[] {
  const end = Math.max(boot.lastSeconds, 1);
  const column = (seconds: number): number => Math.min(COLUMNS - 1, Math.floor((seconds / end) * COLUMNS));
  const within = (moments: readonly Moment[]): readonly number[] =>
    moments.filter((moment) => moment.boot === boot.number).map(({ at }) => column(at));
  const counts = density(within(replay.seen.reports));
  const highest = Math.max(...counts);
  const bars = counts.map((count) =>
    count === 0 ? ' ' : (BARS[Math.ceil(barHeight(count, highest) * BARS.length) - 1] ?? ' '),
  );
  const most = highest === 0 ? 'none' : `at most ${highest} in ${span(Math.ceil(end / COLUMNS))}`;
  return [
    `${''.padEnd(LABEL)}  ${axis(end)}`,
    `  ${'stalls'.padEnd(LABEL)}${bars.join('')}  ${most}`,
    ...drawOthers(replay, within),
    ...replay.verdicts.flatMap((verdict) => drawVerdict(verdict, boot, column)),
  ];
}

/** What else the kernel complained of, a letter where it did. */
function drawOthers({ seen }: Replay, within: (moments: readonly Moment[]) => readonly number[]): readonly string[] {
  const kinds = [
    { letter: 'o', name: 'OOM', columns: within(seen.oomKills) },
    { letter: 'n', name: 'NFS', columns: within(seen.nfs) },
    { letter: 'h', name: 'hung', columns: within(seen.hungTasks) },
    { letter: 's', name: 'soft', columns: within(seen.softLockups) },
    { letter: 'H', name: 'hard', columns: within(seen.hardLockups) },
    { letter: '?', name: 'odd', columns: within(seen.unparsed) },
  ].filter(({ columns }) => columns.length > 0);
  if (kinds.length === 0) return [];
  const cells = new Array<string>(COLUMNS).fill(' ');
  for (const { letter, columns } of kinds) for (const column of columns) cells[column] = letter;
  return [
    `  ${'others'.padEnd(LABEL)}${cells.join('')}  ${kinds.map(({ letter, name }) => `${letter} ${name}`).join(' ')}`,
  ];
}

/** From 0 to 1, by its logarithm: one stall beside the storm after a boot is still to be seen. */
export const barHeight = (count: number, highest: number): number => Math.log1p(count) / Math.log1p(highest);

export function density(columns: readonly number[], size = COLUMNS): readonly number[] {
  const counts = new Array<number>(size).fill(0);
  for (const column of columns) counts[column] = (counts[column] ?? 0) + 1;
  return counts;
}

function drawVerdict(
  { policy, decisions, inARow }: Verdict,
  boot: Boot,
  column: (seconds: number) => number,
): readonly string[] {
  const own = decisions.filter((decision) => decision.boot === boot.number);
  const reboot = own.find(({ action }) => action === 'reboot');
  const cells = Array.from({ length: COLUMNS }, (_, index): string => {
    if (reboot !== undefined && index > column(reboot.at)) return '·';
    return boot.lastSeconds < policy.graceSeconds || index < column(policy.graceSeconds) ? '░' : '─';
  });
  for (const { action, at } of own) cells[column(at)] = action === 'reboot' ? 'R' : '!';
  const strip = `  ${policy.name.slice(0, LABEL - 1).padEnd(LABEL)}${cells.join('')}`;
  const texts = own.map((decision) => describeVerdict(decision, policy, inARow.get(boot.number)));
  const [first = 'nothing', ...more] = texts;
  return [`${strip}  ${first}`, ...more.map((text) => `${''.padEnd(LABEL + COLUMNS + 4)}${text}`)];
}

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

const STEPS = [60, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400, 172_800, 604_800, 2_592_000];

/** Round moments of an uptime, at most nine. */
export function axisMarks(end: number): readonly number[] {
  const step = STEPS.find((seconds) => end / seconds <= 8) ?? end;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
}

/** The uptime over the columns. */
function axis(end: number): string {
  const cells: string[] = new Array<string>(COLUMNS + 6).fill(' ');
  for (const seconds of axisMarks(end)) {
    const text = seconds === 0 ? '0' : span(seconds);
    const from = Math.min(COLUMNS - 1, Math.floor((seconds / end) * COLUMNS));
    if (from + text.length <= cells.length) cells.splice(from, text.length, ...text);
  }
  return cells.join('').trimEnd();
}

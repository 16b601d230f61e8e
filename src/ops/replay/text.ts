/** The time line that a person reads at a glance. */
import type { Decision } from './detector-output.js';
import type { Policy, Threshold } from './policies.js';
import { type Boot, printable, type Replay, UNPARSED_SHOWN, type Verdict, wallTime } from './report.js';

const COLUMNS = 60;
const LABEL = 9;
const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

export function drawText(replay: Replay): readonly string[] {
  const eventful = replay.boots.filter((boot) => hasSomething(replay, boot));
  return [
    ...heading(replay),
    '',
    ...thresholds(replay),
    ...(replay.summary.time === 'none' ? [] : eventful.flatMap((boot) => ['', ...drawBoot(replay, boot)])),
    ...quiet(replay.boots.length - eventful.length),
    ...unparsed(replay),
    ...(replay.summary.time === 'none' ? [] : ['', LEGEND]),
  ];
}

const LEGEND = '░ grace  ─ watched  R reboot  ! alert  · not known: this log went on without the reboot';

/** `12 stall reports`, `1 OOM kill`, `no hung tasks`. */
const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count === 0 ? 'no' : count} ${count === 1 ? one : many}`;

function heading({ file, summary, seen, boots, hz, maxStallSeconds }: Replay): readonly string[] {
  const longest =
    maxStallSeconds === undefined
      ? '; how long they lasted is not known (--hz would tell)'
      : seen.reports.length === 0
        ? ''
        : `, the longest ${maxStallSeconds} s${hz === undefined ? ' at least' : ''}`;
  return [
    `${printable(Buffer.from(file, 'utf8').toString('latin1'))}: ${counted(seen.reports.length, 'stall report')} of ${counted(seen.gracePeriods, 'grace period')}${longest}`,
    `  ${counted(summary.kernelLines, 'kernel line')} of ${counted(summary.lines, 'line')}, ${counted(boots.length, 'boot')}; ${[
      counted(seen.hungTasks.length, 'hung task'),
      counted(seen.softLockups.length, 'soft lockup'),
      counted(seen.hardLockups.length, 'hard lockup'),
      counted(seen.nfs.length, 'NFS time-out'),
      counted(seen.oomKills.length, 'OOM kill'),
    ].join(', ')}`,
    ...(seen.lost === 0
      ? []
      : [`  ${counted(seen.lost, 'record')} lost before this log was taken: the counts are too low`]),
    ...(summary.time === 'wall'
      ? ['  only wall clock times: the grace is counted from the first line of each boot that the log has']
      : []),
    ...(summary.time === 'none'
      ? ['  no time stamps: counted, but no policy can be judged; dmesg prints them unless told not to']
      : []),
    ...(summary.clockStepsBack === 0
      ? []
      : [`  the wall clock went back ${summary.clockStepsBack} times: taken as standing still`]),
  ];
}

function thresholds({ verdicts }: Replay): readonly string[] {
  const rows = verdicts.map(({ policy }) => [
    policy.name,
    span(policy.graceSeconds),
    threshold(policy.burst),
    threshold(policy.sustained),
    policy.stuckSeconds === undefined ? '-' : span(policy.stuckSeconds),
    threshold(policy.chronic),
    policy.count === 'lines' ? 'lines' : 'periods',
    policy.checks === undefined ? 'each line' : `each ${span(policy.checks.everySeconds)}`,
    policy.budget === undefined ? 'none' : String(policy.budget.maxReboots),
  ]);
  const table = [['', 'grace', 'burst', 'sustained', 'stuck', 'chronic', 'counts', 'looks', 'budget'], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length))) ?? [];
  return table.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}

const threshold = (window: Threshold | undefined): string =>
  window === undefined ? '-' : `${window.stalls} in ${span(window.seconds)}`;

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

function drawBoot(replay: Replay, boot: Boot): readonly string[] {
  const end = Math.max(boot.lastSeconds, 1);
  const column = (seconds: number): number => Math.min(COLUMNS - 1, Math.floor((seconds / end) * COLUMNS));
  const counts = density(
    replay.seen.reports.filter((report) => report.boot === boot.number).map(({ at }) => column(at)),
  );
  const highest = Math.max(...counts);
  const since = boot.start === undefined ? '' : `, since ${wallTime([boot], { boot: boot.number, at: 0 })}`;
  const stalls = counts.map((count) =>
    count === 0 ? ' ' : (BARS[Math.ceil(barHeight(count, highest) * BARS.length) - 1] ?? ' '),
  );
  return [
    `boot ${boot.number} of ${replay.boots.length}${since}, known up to ${clock(boot.lastSeconds)}`,
    `${''.padEnd(LABEL)}  ${axis(end)}`,
    `  ${'stalls'.padEnd(LABEL)}${stalls.join('')}  ${highest === 0 ? 'none' : `at most ${highest} a column (${span(Math.ceil(end / COLUMNS))})`}`.trimEnd(),
    ...replay.verdicts.flatMap((verdict) => drawVerdict(verdict, boot, column)),
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
  const strip = `  ${policy.name.padEnd(LABEL)}${cells.join('')}`;
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

const quiet = (count: number): readonly string[] =>
  count === 0 ? [] : ['', `${counted(count, 'boot')} more, without a stall or anything else that counts`];

function unparsed({ seen }: Replay): readonly string[] {
  if (seen.unparsed.length === 0) return [];
  return [
    '',
    `${counted(seen.unparsed.length, 'line')} like a stall that could not be parsed, and count nowhere above:`,
    ...seen.unparsed.slice(0, UNPARSED_SHOWN).map(({ at, text }) => `  ${clock(at)}  ${printable(text).slice(0, 88)}`),
    ...(seen.unparsed.length > UNPARSED_SHOWN ? [`  and ${seen.unparsed.length - UNPARSED_SHOWN} more`] : []),
  ];
}

/** `7:55:00`. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${Math.floor(whole / 3_600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** `20min`, `1h30min`: the two largest units. */
export function span(seconds: number): string {
  const at = UNITS.findIndex(([, size]) => seconds >= size);
  const [unit, size] = UNITS[at] ?? ['s', 1];
  const [smaller, small] = UNITS[at + 1] ?? ['', 1];
  const rest = smaller === '' ? 0 : Math.floor((seconds % size) / small);
  return `${Math.floor(seconds / size)}${unit}${rest > 0 ? `${rest}${smaller}` : ''}`;
}

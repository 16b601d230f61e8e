/** The time line that a person reads at a glance. */
import type { Threshold } from './policies.js';
import { printable, type Replay, UNPARSED_SHOWN } from './report.js';
import { drawBoots, hasSomething } from './strips.js';
import { clock, counted, span } from './words.js';

export function drawText(replay: Replay): readonly string[] {
  const eventful = replay.boots.filter((boot) => hasSomething(replay, boot));
  return [
    ...heading(replay),
    '',
    ...thresholds(replay),
    ...(replay.summary.time === 'none' ? [] : drawBoots(replay, eventful)),
    ...quiet(replay.boots.length - eventful.length),
    ...unparsed(replay),
    ...(replay.summary.time === 'none' ? [] : ['', LEGEND]),
  ];
}

const LEGEND = '░ grace  ─ watched  R reboot  ! alert  · not known: this log went on without the reboot';

function heading({ file, summary, seen, boots, hz, maxStallSeconds }: Replay): readonly string[] {
  const longest =
    maxStallSeconds === undefined
      ? '; how long they lasted is not known (--hz would tell)'
      : seen.reports.length === 0
        ? ''
        : `, the longest ${maxStallSeconds} s${hz === undefined ? ' at least' : ''}`;
  const others = [
    { count: seen.hungTasks.length, one: 'hung task' },
    { count: seen.softLockups.length, one: 'soft lockup' },
    { count: seen.hardLockups.length, one: 'hard lockup' },
    { count: seen.nfs.length, one: 'NFS time-out' },
    { count: seen.oomKills.length, one: 'OOM kill' },
  ].filter(({ count }) => count > 0);
  return [
    printable(Buffer.from(file, 'utf8').toString('latin1')),
    `  ${counted(seen.reports.length, 'stall report')} of ${counted(seen.gracePeriods, 'grace period')}${longest}`,
    `  ${others.length === 0 ? 'no hung tasks, lockups, NFS time-outs or OOM kills' : others.map(({ count, one }) => counted(count, one)).join(', ')}`,
    `  ${counted(summary.kernelLines, 'kernel line')} of ${counted(summary.lines, 'line')}, ${counted(boots.length, 'boot')}`,
    ...(seen.lost + summary.missed === 0
      ? []
      : [`  ${counted(seen.lost + summary.missed, 'record')} lost before this log was taken: the counts are too low`]),
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

/** What a log is and holds, and what each policy asks for, in words. */
import type { Policy, Threshold } from './policies.js';
import { printable, type Replay } from './report.js';
import { counted, span } from './words.js';

export const fileName = ({ file }: Replay): string => printable(Buffer.from(file, 'utf8').toString('latin1'));

export function factsOf({ summary, seen, boots, hz, maxStallSeconds }: Replay): readonly string[] {
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
    `${counted(seen.reports.length, 'stall report')} of ${counted(seen.gracePeriods, 'grace period')}${longest}`,
    others.length === 0
      ? 'no hung tasks, lockups, NFS time-outs or OOM kills'
      : others.map(({ count, one }) => counted(count, one)).join(', '),
    `${counted(summary.kernelLines, 'kernel line')} of ${counted(summary.lines, 'line')}, ${counted(boots.length, 'boot')}`,
    ...(seen.lost + summary.missed === 0
      ? []
      : [`${counted(seen.lost + summary.missed, 'record')} lost before this log was taken: the counts are too low`]),
    ...(summary.time === 'wall'
      ? ['only wall clock times: the grace is counted from the first line of each boot that the log has']
      : []),
    ...(summary.time === 'none'
      ? ['no time stamps: counted, but no policy can be judged; dmesg prints them unless told not to']
      : []),
    ...(summary.clockStepsBack === 0
      ? []
      : [`the wall clock went back ${counted(summary.clockStepsBack, 'time')}: taken as standing still`]),
  ];
}

/** A row of headings, and one for each policy. */
export const policyTable = (policies: readonly Policy[]): readonly (readonly string[])[] => [
  ['', 'grace', 'burst', 'sustained', 'stuck', 'chronic', 'counts', 'looks', 'budget'],
  ...policies.map((policy) => [
    policy.name,
    span(policy.graceSeconds),
    threshold(policy.burst),
    threshold(policy.sustained),
    policy.stuckSeconds === undefined ? '-' : span(policy.stuckSeconds),
    threshold(policy.chronic),
    policy.count,
    policy.checks === undefined ? 'each line' : `each ${span(policy.checks.everySeconds)}`,
    policy.budget === undefined ? 'none' : String(policy.budget.maxReboots),
  ]),
];

const threshold = (window: Threshold | undefined): string =>
  window === undefined ? '-' : `${window.stalls} in ${span(window.seconds)}`;

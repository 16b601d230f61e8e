/** The copy, the copy to the second place and the drill do not run at once on their one node. */
import type { SnapshotsBackup } from '../../cluster/backup.js';
import { type ClockTime, formatClockTime } from '../../cluster/clock-time.js';
import { type Duration, formatDuration } from '../../cluster/duration.js';
import type { Guardrail } from '../guardrail.js';

export const backupRunsApart: Guardrail = {
  id: 'backup-runs-apart',
  severity: 'warning',
  lesson: 'A node that one copy took from 20 % to 85 % CPU does not stand two that read its disk at once.',
  incident: 'nov-13',
  check: ({ cluster: { backup } }) => {
    if (backup === null || backup.form === 'mirror') return [];
    const runs = runsOf(backup);
    return runs.flatMap((run) =>
      runs
        .filter((other) => other !== run && reaches(run, other))
        .map((other) => ({
          where: `${run.where} and ${other.where}`,
          found: `expected the run at ${formatClockTime(run.at)} to be over when the one at ${formatClockTime(other.at)} starts, got a deadline of ${formatDuration(run.deadline)}`,
          mend: 'move one of them, or shorten the deadline: a run that is stopped goes on from there the next time',
        })),
    );
  },
};

interface BackupRun {
  readonly where: string;
  readonly at: ClockTime;
  readonly deadline: Duration;
}

/** All of them by the clock of one node; the drill counts as if it ran each day. */
const runsOf = ({ schedule, deadline, offsite, drill }: SnapshotsBackup): readonly BackupRun[] => [
  { where: 'backup.at', at: schedule.at, deadline },
  ...(offsite === null ? [] : [{ where: 'backup.offsite.at', at: offsite.schedule.at, deadline: offsite.deadline }]),
  ...(drill === null ? [] : [{ where: 'backup.drill.at', at: drill.schedule.at, deadline }]),
];

const DAY = 1440;
const minuteOf = ({ hour, minute }: ClockTime): number => hour * 60 + minute;

function reaches(run: BackupRun, other: BackupRun): boolean {
  const gap = (minuteOf(other.at) - minuteOf(run.at) + DAY) % DAY;
  return gap * 60 < run.deadline.seconds;
}

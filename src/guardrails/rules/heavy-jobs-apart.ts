/** Jobs that load a node start half an hour apart, whatever their time zones do. */
import type { Cluster } from '../../cluster/cluster.js';
import { at, show, textAt, textsAt } from '../../manifest/json.js';
import { describe, type Manifest, type PlacedManifest } from '../../manifest/manifest.js';
import { apartInOneZone, type DailyTime } from '../apart-in-one-zone.js';
import { tryReadCron } from '../cron.js';
import type { Guardrail, Violation } from '../guardrail.js';
import { DAYS, WallClock } from '../time-zone.js';

export const heavyJobsApart: Guardrail = {
  id: 'heavy-jobs-apart',
  severity: 'error',
  lesson: 'One copy alone took the node from 20 % to 85 % CPU, and the next heavy job was due half an hour later.',
  incident: 'nov-13',
  check: ({ cluster, objects }) => {
    const schedules = schedulesOf(cluster, objects);
    const clocks = new Map<string, WallClock>();
    const known = new Map<Schedule, readonly number[]>();
    const starts = (schedule: Schedule): readonly number[] => {
      const found = known.get(schedule) ?? startsOf(schedule, clocks);
      known.set(schedule, found);
      return found;
    };
    return [
      ...schedules.filter(isUnreadable).map(unreadable),
      ...schedules.flatMap((schedule, index) =>
        schedules
          .slice(index + 1)
          .filter((other) => mayMeet(schedule, other))
          .flatMap((other) => meet(schedule, starts(schedule), other, starts(other))),
      ),
    ];
  },
};

const APART_MINUTES = 30;

interface Schedule {
  readonly where: string;
  readonly timeZone: string;
  readonly cron: string;
  /** How long after its start the work may begin: 0 for a job, the length of the window for an upgrade. */
  readonly windowMinutes: number;
}

function schedulesOf(cluster: Cluster, objects: readonly PlacedManifest[]): readonly Schedule[] {
  return objects.flatMap(({ manifest }) => {
    const where = describe(manifest);
    if (manifest.kind === 'CronJob')
      return [
        {
          where,
          cron: textAt(manifest, 'spec', 'schedule') ?? '',
          // Without a zone the controller's own counts, which is that of the control-plane host.
          timeZone: textAt(manifest, 'spec', 'timeZone') ?? cluster.controlPlane.timeZone,
          windowMinutes: 0,
        },
      ];
    if (manifest.kind === 'RecurringJob')
      return [
        // Longhorn makes CronJobs without a zone.
        {
          where,
          cron: textAt(manifest, 'spec', 'cron') ?? '',
          timeZone: cluster.controlPlane.timeZone,
          windowMinutes: 0,
        },
      ];
    return manifest.kind === 'Plan' && at(manifest, 'spec', 'window') !== undefined
      ? [planWindow(where, manifest)]
      : [];
  });
}

const minutesOf = (time: string | undefined): number | undefined => {
  const match = /^(\d{1,2})(?::(\d{2}))?(?::\d{2})?$/.exec(time ?? '');
  return match ? Number(match[1]) * 60 + Number(match[2] ?? 0) : undefined;
};

function planWindow(where: string, manifest: Manifest): Schedule {
  const window = at(manifest, 'spec', 'window');
  const [start, end] = [minutesOf(textAt(window, 'startTime') ?? '0'), minutesOf(textAt(window, 'endTime') ?? '23:59')];
  const days = textsAt(window, 'days').map((day) => day.slice(0, 3).toLowerCase());
  return {
    where,
    cron:
      start === undefined
        ? ''
        : `${start % 60} ${Math.floor(start / 60)} * * ${days.length > 0 ? days.join(',') : '*'}`,
    timeZone: textAt(window, 'timeZone') ?? 'UTC',
    windowMinutes: ((end ?? 0) - (start ?? 0) + 1_440) % 1_440,
  };
}

const isUnreadable = ({ cron }: Schedule): boolean => tryReadCron(cron) === undefined;

const unreadable = ({ where, cron }: Schedule): Violation => ({
  where,
  found: `expected a schedule of five cron fields or a window of times such as "09:00", got ${show(cron)}`,
  mend: 'write the time so that it can be compared with the others',
});

/** Times of day, as if it ran every day. */
function timesOf({ cron, windowMinutes }: Schedule): readonly DailyTime[] {
  const { hours = new Set<number>(), minutes = new Set<number>() } = tryReadCron(cron) ?? {};
  return [...hours].flatMap((hour) =>
    [...minutes].map((minute) => ({ start: hour * 60 + minute, length: windowMinutes })),
  );
}

/** Two windows may overlap: Plans wait for each other. */
const mayMeet = (a: Schedule, b: Schedule): boolean =>
  (a.windowMinutes === 0 || b.windowMinutes === 0) &&
  (a.timeZone !== b.timeZone ||
    timesOf(a).some((time) => timesOf(b).some((other) => !apartInOneZone(a.timeZone, time, other))));

/** Every start in minutes since the epoch, ascending. */
function startsOf({ cron, timeZone }: Schedule, clocks: Map<string, WallClock>): readonly number[] {
  const schedule = tryReadCron(cron);
  if (schedule === undefined) return [];
  const clock = clocks.get(timeZone) ?? new WallClock(timeZone);
  clocks.set(timeZone, clock);
  const times = [...schedule.hours].flatMap((hour) => [...schedule.minutes].map((minute) => hour * 60 + minute));
  return DAYS.filter((day) => {
    const date = new Date(day * 60_000);
    return schedule.runsOn({ dayOfMonth: date.getUTCDate(), month: date.getUTCMonth() + 1, weekday: date.getUTCDay() });
  })
    .flatMap((day) => times.flatMap((time) => clock.instantsOf(day + time)))
    .sort((a, b) => a - b);
}

/** The first meeting of two schedules, if there is one. */
function meet(a: Schedule, startsOfA: readonly number[], b: Schedule, startsOfB: readonly number[]): Violation[] {
  let next = 0;
  for (const start of startsOfA) {
    while (next < startsOfB.length && (startsOfB[next] ?? 0) + b.windowMinutes + APART_MINUTES <= start) next += 1;
    const other = startsOfB[next];
    if (other === undefined) return [];
    if (other >= start + a.windowMinutes + APART_MINUTES) continue;
    return [
      {
        where: `${a.where} and ${b.where}`,
        found: `expected starts at least ${APART_MINUTES} minutes apart, got ${clockTime(start, a)} and ${clockTime(other, b)} on ${new Date(start * 60_000).toISOString().slice(0, 10)}`,
        mend: 'move one of them: `backup.at`, `backup.offsite.at`, `backup.drill`, `longhorn.dailySnapshot.at`, `longhorn.backupTarget.backup.at` or `upgrades.ubuntu.window`',
      },
    ];
  }
  return [];
}

/** `02:30 UTC (window of 360 minutes)`: one clock for both. */
const clockTime = (instant: number, { windowMinutes }: Schedule): string =>
  `${new Date(instant * 60_000).toISOString().slice(11, 16)} UTC${windowMinutes > 0 ? ` (a window of ${windowMinutes} minutes)` : ''}`;

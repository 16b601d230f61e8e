/** Cron lines as Kubernetes reads them: which minutes of which days they name. */

interface CronSchedule {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  /** Whether the schedule starts something on this day. */
  readonly runsOn: (day: CalendarDay) => boolean;
}

export interface CalendarDay {
  readonly dayOfMonth: number;
  /** 1 to 12. */
  readonly month: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

const MACROS: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Undefined when the line is not five fields that Kubernetes accepts. */
export function tryReadCron(line: string): CronSchedule | undefined {
  const [minute, hour, dayOfMonth, month, weekday, ...rest] = (MACROS.get(line.trim()) ?? line).trim().split(/\s+/);
  const minutes = readField(minute, 0, 59);
  const hours = readField(hour, 0, 23);
  const days = readField(dayOfMonth, 1, 31);
  const months = readField(month, 1, 12, MONTHS);
  const weekdays = readField(weekday, 0, 7, WEEKDAYS);
  if (!minutes || !hours || !days || !months || !weekdays || rest.length > 0) return undefined;
  if (weekdays.has(7)) weekdays.add(0);
  const everyDay = isEvery(dayOfMonth);
  const everyWeekday = isEvery(weekday);
  return {
    minutes,
    hours,
    runsOn(day) {
      if (!months.has(day.month)) return false;
      const [byDate, byWeekday] = [days.has(day.dayOfMonth), weekdays.has(day.weekday)];
      // Two restrictions are alternatives; one of them that is "*" does not count.
      return everyDay || everyWeekday ? byDate && byWeekday : byDate || byWeekday;
    },
  };
}

const isEvery = (field: string | undefined): boolean => field?.startsWith('*') === true || field === '?';

function readField(
  field: string | undefined,
  min: number,
  max: number,
  names: readonly string[] = [],
): Set<number> | undefined {
  const values = new Set<number>();
  for (const part of (field ?? '').split(',')) {
    const match = /^(\*|\?|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:\/(\d+))?$/i.exec(part);
    if (!match) return undefined;
    const [, , from, to, step] = match;
    const low = from === undefined ? min : readNumber(from, min, names);
    const high = to === undefined ? (from === undefined || step !== undefined ? max : low) : readNumber(to, min, names);
    const by = Number(step ?? 1);
    if (low === undefined || high === undefined || low < min || high > max || low > high || by < 1) return undefined;
    for (let value = low; value <= high; value += by) values.add(value);
  }
  return values;
}

/** A name's number counts from the field's first: January is 1, Sunday 0. */
function readNumber(text: string, first: number, names: readonly string[]): number | undefined {
  const name = names.indexOf(text.toLowerCase());
  if (name !== -1) return first + name;
  return /^\d{1,2}$/.test(text) ? Number(text) : undefined;
}

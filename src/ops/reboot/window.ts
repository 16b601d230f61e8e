/** Whether a time is one at which a node may be begun. */
import { type ClockTime, formatClockTime } from '../../cluster/clock-time.js';
import type { Weekday } from '../../cluster/spec/values.js';

interface Window {
  readonly days: readonly Weekday[];
  readonly start: ClockTime;
  readonly end: ClockTime;
  readonly timeZone: string;
}

/** Its start is inside, its end is not. It ends on the day on which it begins. */
export function isWithin({ days, start, end, timeZone }: Window, time: Date): boolean {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'long',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(time);
  const of = (type: Intl.DateTimeFormatPartTypes): string => parts.find((part) => part.type === type)?.value ?? '';
  const at = `${of('hour')}:${of('minute')}`;
  const day = of('weekday').toLowerCase();
  return days.some((each) => each === day) && formatClockTime(start) <= at && at < formatClockTime(end);
}

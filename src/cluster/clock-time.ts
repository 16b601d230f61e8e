/** Times of day and the schedules made of them. */
import type { Weekday } from './spec/values.js';

export interface ClockTime {
  readonly hour: number;
  readonly minute: number;
}

/** A time of day in a place: the same instant only together with its zone. */
export interface DailySchedule {
  readonly at: ClockTime;
  /** IANA name. */
  readonly timeZone: string;
}

/** Once a week. */
export interface WeeklySchedule extends DailySchedule {
  readonly day: Weekday;
}

/** `02:30`. */
export const formatClockTime = ({ hour, minute }: ClockTime): string =>
  `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;

/** A cron line for once a day. */
export const dailyCron = ({ hour, minute }: ClockTime): string => `${minute} ${hour} * * *`;

/** A cron line for once a week. */
export const weeklyCron = (day: Weekday, { hour, minute }: ClockTime): string =>
  `${minute} ${hour} * * ${day.slice(0, 3)}`;

/** The same day's or the next day's time of day so much later. */
export const later = ({ hour, minute }: ClockTime, hours: number): ClockTime => ({ hour: (hour + hours) % 24, minute });

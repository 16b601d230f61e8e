/** Times of day and the schedules made of them. */
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

/** `02:30`. */
export const formatClockTime = ({ hour, minute }: ClockTime): string =>
  `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;

/** A cron line for once a day. */
export const dailyCron = ({ hour, minute }: ClockTime): string => `${minute} ${hour} * * *`;

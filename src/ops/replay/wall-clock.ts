/**
 * Wall clock stamps of logs, in milliseconds.
 *
 * Zones are left out on purpose: a log is read where its node stood, and only differences within one boot are used.
 */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A stamp without a year gets this one: a leap year, so that it has a February 29. */
export const NO_YEAR = 2000;

const fraction = (digits: string | undefined): number => (digits === undefined ? 0 : Number(`0.${digits}`) * 1_000);

/** `'2025-11-30'`, `'13:31:02'`, `'123456'`. */
export const isoMillis = (date: string, time: string, digits?: string): number =>
  Date.parse(`${date}T${time}Z`) + fraction(digits);

/** `'Nov'`, `'30'`, `'13:31:02'`. */
export function monthMillis(month: string, day: string, time: string, digits?: string, year = NO_YEAR): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return Date.UTC(year, MONTHS.indexOf(month), Number(day), hours, minutes, seconds) + fraction(digits);
}

/** `2025-11-30 13:31:02`, or without the year where the log has none. */
export function formatWall(millis: number): string {
  const [date = '', rest = ''] = new Date(Math.floor(millis)).toISOString().split('T');
  const [year, month, day] = date.split('-');
  const time = rest.slice(0, 8);
  return Number(year) < NO_YEAR + 20 && Number(year) >= NO_YEAR
    ? `${MONTHS[Number(month) - 1]} ${Number(day)} ${time}`
    : `${date} ${time}`;
}

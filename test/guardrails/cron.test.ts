import { describe, expect, test } from 'vitest';
import { type CalendarDay, tryReadCron } from '../../src/guardrails/cron.js';

/** A Friday. */
const MAY_1_2026: CalendarDay = { dayOfMonth: 1, month: 5, weekday: 5 };

const times = (line: string) => {
  const schedule = tryReadCron(line);
  return schedule && { hours: [...schedule.hours], minutes: [...schedule.minutes] };
};
const runsOn = (line: string, day: Partial<CalendarDay> = {}) => tryReadCron(line)?.runsOn({ ...MAY_1_2026, ...day });

describe('tryReadCron', () => {
  test.each([
    '',
    '* * * *',
    '* * * * * *',
    '60 0 * * *',
    '0 24 * * *',
    '0 0 0 * *',
    '0 0 * 13 *',
    '0 0 * * 8',
    '5-1 * * * *',
    '*/0 * * * *',
    '@reboot',
    'TZ=UTC 0 0 * * *',
  ])('does not read %j', (line) => {
    expect(tryReadCron(line)).toBeUndefined();
  });

  test.each([
    ['30 2 * * *', [2], [30]],
    ['0,30 1-3 * * *', [1, 2, 3], [0, 30]],
    ['*/20 0 * * *', [0], [0, 20, 40]],
    ['5/20 0 * * *', [0], [5, 25, 45]],
    ['10-30/10 0 * * *', [0], [10, 20, 30]],
    ['@daily', [0], [0]],
  ])('reads the times of %j', (line, hours, minutes) => {
    expect(times(line)).toEqual({ hours, minutes });
  });

  test('reads @hourly as every hour', () => {
    expect(times('@hourly')?.hours).toHaveLength(24);
  });

  test.each([
    ['0 0 * * *', true],
    ['0 0 1 * *', true],
    ['0 0 2 * *', false],
    ['0 0 * 5 *', true],
    ['0 0 * jan-apr *', false],
    ['0 0 * * fri', true],
    ['0 0 * * 1-4', false],
    ['0 0 1 6 *', false],
  ])('%j runs on Friday, May 1: %s', (line, expected) => {
    expect(runsOn(line)).toBe(expected);
  });

  test('takes a date and a weekday as alternatives, as cron does', () => {
    expect(runsOn('0 0 1 * mon')).toBe(true);
    expect(runsOn('0 0 2 * fri')).toBe(true);
    expect(runsOn('0 0 2 * mon')).toBe(false);
  });

  test('knows Sunday as 0 and as 7', () => {
    expect(runsOn('0 0 * * 0', { weekday: 0 })).toBe(true);
    expect(runsOn('0 0 * * 7', { weekday: 0 })).toBe(true);
  });
});

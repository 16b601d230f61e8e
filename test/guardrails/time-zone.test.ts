import { describe, expect, test } from 'vitest';
import { DAYS, WallClock } from '../../src/guardrails/time-zone.js';

const minutesOf = (time: string): number => Date.parse(`${time}Z`) / 60_000;
const instants = (timeZone: string, localTime: string): readonly string[] =>
  new WallClock(timeZone)
    .instantsOf(minutesOf(localTime))
    .map((instant) => new Date(instant * 60_000).toISOString().slice(0, 16))
    .sort();

describe('WallClock', () => {
  test('shows no time in the hour that daylight saving skips', () => {
    expect(instants('America/Edmonton', '2026-03-08T02:30')).toEqual([]);
    expect(instants('Europe/Vienna', '2026-03-29T02:30')).toEqual([]);
  });

  test('shows a time twice in the hour that it repeats', () => {
    expect(instants('Europe/Vienna', '2026-10-25T02:30')).toEqual(['2026-10-25T00:30', '2026-10-25T01:30']);
  });

  test.each([
    ['UTC', '2026-07-01T12:00', '2026-07-01T12:00'],
    ['Europe/Vienna', '2026-01-01T02:30', '2026-01-01T01:30'],
    ['Europe/Vienna', '2026-07-01T02:30', '2026-07-01T00:30'],
    ['America/New_York', '2027-07-01T20:00', '2027-07-02T00:00'],
    ['Australia/Brisbane', '2026-07-01T02:00', '2026-06-30T16:00'],
    ['Asia/Kathmandu', '2026-07-01T05:45', '2026-07-01T00:00'],
    ['Australia/Lord_Howe', '2026-01-01T11:00', '2026-01-01T00:00'],
    ['Africa/Casablanca', '2026-07-01T01:00', '2026-07-01T00:00'],
  ])('in %s, %s is %s UTC', (timeZone, localTime, utc) => {
    expect(instants(timeZone, localTime)).toEqual([utc]);
  });

  test('agrees with Intl on every hour of the two years, for zones of every kind', () => {
    for (const timeZone of ['Europe/Vienna', 'America/Edmonton', 'Australia/Lord_Howe', 'Africa/Casablanca']) {
      const clock = new WallClock(timeZone);
      const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
      const wrong = DAYS.flatMap((day) => [0, 60, 120, 180, 720].map((hour) => day + hour)).filter((instant) => {
        const local = minutesOf(format.format(instant * 60_000).replace(' ', 'T'));
        return !clock.instantsOf(local).includes(instant);
      });

      expect(wrong).toEqual([]);
    }
  });
});

describe('DAYS', () => {
  test('are those of 2026 and 2027', () => {
    expect(DAYS).toHaveLength(730);
    expect(DAYS[0]).toBe(minutesOf('2026-01-01T00:00'));
    expect(DAYS.at(-1)).toBe(minutesOf('2027-12-31T00:00'));
  });
});

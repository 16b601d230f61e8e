import { expect, test } from 'vitest';
import type { Weekday } from '../../../src/cluster/spec/values.js';
import { isWithin } from '../../../src/ops/reboot/window.js';

const weekend = {
  days: ['saturday', 'sunday'] satisfies Weekday[],
  start: { hour: 2, minute: 30 },
  end: { hour: 5, minute: 0 },
  timeZone: 'Europe/Vienna',
};

/** 21 November 2026 is a Saturday; Vienna is an hour ahead of UTC then. */
test.each([
  ['2026-11-21T01:29:59Z', false],
  ['2026-11-21T01:30:00Z', true],
  ['2026-11-21T03:59:59Z', true],
  ['2026-11-21T04:00:00Z', false],
  ['2026-11-22T02:00:00Z', true],
  ['2026-11-23T02:00:00Z', false],
  ['1970-01-01T02:00:00Z', false],
])('%s is within a weekend night of Vienna: %s', (time, within) => {
  expect(isWithin(weekend, new Date(time))).toBe(within);
});

test('the day is that of the place, not of UTC', () => {
  const late = { ...weekend, start: { hour: 0, minute: 0 }, end: { hour: 1, minute: 0 } };

  // 00:30 on Saturday there is Friday here.
  expect(isWithin(late, new Date('2026-11-20T23:30:00Z'))).toBe(true);
  expect(isWithin(late, new Date('2026-11-22T23:30:00Z'))).toBe(false);
});

test('midnight is the beginning of a day, not the 24th hour', () => {
  const first = { ...weekend, start: { hour: 0, minute: 0 }, end: { hour: 0, minute: 1 }, timeZone: 'UTC' };

  expect(isWithin(first, new Date('2026-11-21T00:00:30Z'))).toBe(true);
});

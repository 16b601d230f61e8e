import { describe, expect, test } from 'vitest';
import { apartInOneZone } from '../../src/guardrails/apart-in-one-zone.js';
import { DAYS, WallClock } from '../../src/guardrails/time-zone.js';

const moment = (start: number) => ({ start, length: 0 });

/** The least distance between two daily times, over two years of the zone's own changes. */
function leastDistance(clock: WallClock, a: number, b: number): number {
  const starts = (time: number) => DAYS.flatMap((day) => clock.instantsOf(day + time));
  const [firsts, seconds] = [starts(a), new Set(starts(b))];
  for (let distance = 0; distance < 30; distance++) {
    if (firsts.some((start) => seconds.has(start + distance) || seconds.has(start - distance))) return distance;
  }
  return 30;
}

test('half an hour is apart, ten minutes less is not', () => {
  expect(apartInOneZone('America/Edmonton', moment(150), moment(180))).toBe(true);
  expect(apartInOneZone('America/Edmonton', moment(160), moment(180))).toBe(false);
});

test('midnight is no border', () => {
  expect(apartInOneZone('Europe/Vienna', moment(1_430), moment(5))).toBe(false);
});

test('a moment within a window is not apart from it, nor is one soon after', () => {
  const window = { start: 540, length: 360 };

  expect(apartInOneZone('Europe/Vienna', moment(600), window)).toBe(false);
  expect(apartInOneZone('Europe/Vienna', window, moment(930))).toBe(false);
  expect(apartInOneZone('Europe/Vienna', moment(150), window)).toBe(true);
});

describe.each([
  'America/Edmonton',
  'Europe/Vienna',
  'Antarctica/Troll',
  'Australia/Lord_Howe',
  'America/Santiago',
  'UTC',
])('in %s', (timeZone) => {
  test('what is called apart is apart on every day', () => {
    const clock = new WallClock(timeZone);
    const near = [0, 60, 90, 115, 120, 150].flatMap((start) =>
      [15, 30, 45, 60, 75, 90, 105, 120, 135, 150].map((gap) => [start, start + gap] as const),
    );
    const apart = near.filter(([a, b]) => apartInOneZone(timeZone, moment(a), moment(b)));

    expect(apart.length > 0).toBe(timeZone !== 'Australia/Lord_Howe');
    expect(apart.filter(([a, b]) => leastDistance(clock, a, b) < 30)).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import { longestStall, rateFromRepeats, rateFromStalls } from '../../../src/ops/replay/hertz.js';

const stall = (key: string, at: number, jiffies: number) => ({ boot: 1, key, at, jiffies });

describe('the rate of jiffies', () => {
  test.each([[[]], [[1_234]], [[84_012_000]]])('is not made up from stalls of %j', (jiffies) => {
    expect(rateFromStalls(jiffies)).toBeUndefined();
  });

  test.each([
    [1_000, [22, 21, 84]],
    [250, [5_252]],
    [1_000, [21_003, 84_009]],
    [250, [15_003]],
    [1_000, [60_002]],
    [100, [2_101]],
  ])('is %d where the first reports come after %j', (rate, jiffies) => {
    expect(rateFromStalls(jiffies)).toBe(rate);
  });

  test('is found in a flood as well', () => {
    expect(rateFromStalls(new Array(300_000).fill(21))).toBe(1_000);
  });

  test('is told by a stall that goes on, whatever its time-out', () => {
    expect(rateFromRepeats([stall('a', 100, 9_000), stall('a', 200, 34_010)])).toBe(250);
    expect(rateFromRepeats([stall('a', 100, 9_000), stall('b', 200, 34_010)])).toBeUndefined();
  });
});

describe('the longest stall', () => {
  test('is zero without reports, and not known without a rate', () => {
    expect(longestStall([], 0, undefined)).toBe(0);
    expect(longestStall([stall('a', 100, 5_252)], 1, undefined)).toBeUndefined();
  });

  test('is at least the time between its reports', () => {
    expect(longestStall([stall('a', 100, 5_252), stall('a', 163, 21_007)], 2, undefined)).toBe(63);
  });

  test('is the most jiffies by their rate', () => {
    expect(longestStall([stall('a', 100, 5_252), stall('b', 163, 21_007)], 2, 250)).toBe(84.028);
  });
});

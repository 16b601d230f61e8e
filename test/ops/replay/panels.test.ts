import { describe, expect, test } from 'vitest';
import { axisMarks, scaleOf } from '../../../src/ops/replay/panels.js';

const boot = (lastSeconds: number) => ({ number: 1, firstSeconds: 0, lastSeconds, start: undefined });
const LENGTHS = [0, 1, 49, 61, 921, 7_200, 8_400, 29_760, 109_791, 864_000, 5_000_000, 40_000_000];

describe('columns', () => {
  test.each(LENGTHS)('of a boot of %i s are never too many, of a round length, and reach its end', (seconds) => {
    const { columns, columnSeconds, column } = scaleOf(boot(seconds), 50);

    expect(columns).toBeGreaterThan(0);
    expect(columns).toBeLessThanOrEqual(50);
    expect(columns * columnSeconds).toBeGreaterThanOrEqual(seconds);
    expect(column(seconds)).toBe(columns - 1);
    expect([1, 60, 3_600, 86_400].some((unit) => columnSeconds % unit === 0 && columnSeconds / unit <= 40)).toBe(true);
  });
});

describe('the marks of the time', () => {
  test.each(LENGTHS.filter((seconds) => seconds > 0))('of %i s do not touch each other', (seconds) => {
    const marks = axisMarks(seconds, 50, 1);

    expect(marks[0]).toEqual({ seconds: 0, label: '0' });
    marks.slice(1).forEach((mark, index) => {
      const before = marks[index];
      const between = ((mark.seconds - (before?.seconds ?? 0)) / seconds) * 50;
      expect(between).toBeGreaterThan(before?.label.length ?? 0);
    });
  });

  test('are as many as there is room for', () => {
    expect(axisMarks(29_760, 50, 1).map(({ label }) => label)).toEqual([
      ...['0', '1h', '2h', '3h', '4h', '5h', '6h', '7h', '8h'],
    ]);
  });
});

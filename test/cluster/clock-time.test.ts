import { expect, test } from 'vitest';
import { dailyCron, formatClockTime } from '../../src/cluster/clock-time.js';

test('a time of day keeps its leading zeros, a cron line has none', () => {
  expect(formatClockTime({ hour: 2, minute: 5 })).toBe('02:05');
  expect(dailyCron({ hour: 2, minute: 5 })).toBe('5 2 * * *');
});

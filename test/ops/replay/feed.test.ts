import { describe, expect, test } from 'vitest';
import type { TimedLine } from '../../../src/ops/replay/clock.js';
import { createFeed } from '../../../src/ops/replay/feed.js';
import { CURRENT, POLICIES } from '../../../src/ops/replay/policies.js';

const boot = (number = 1): TimedLine => ({ kind: 'boot', id: 'x', number });
const record = (seconds: number, sequence?: number, text = 'a'): TimedLine => ({
  kind: 'record',
  text,
  seconds,
  priority: 6,
  sequence,
  wall: undefined,
});
const named = (name: string) => POLICIES.find((policy) => policy.name === name) ?? CURRENT;

function fed(name: string, ...lines: readonly TimedLine[]): readonly string[] {
  const { feed, end } = createFeed(named(name));
  return (lines.map(feed).join('') + end()).trimEnd().split('\n');
}

const checks = (lines: readonly string[]): readonly number[] =>
  lines.filter((line) => line.startsWith('!check')).map((line) => Number(line.split(' ')[1]));
const sequences = (lines: readonly string[]): readonly number[] =>
  lines.filter((line) => /^\d/.test(line)).map((line) => Number(line.split(',')[1]));

describe('a timer', () => {
  test('does not look after the last line: nobody knows whether the node lived on', () => {
    expect(checks(fed('v3', boot(), record(1_250)))).toEqual([1_200]);
  });

  test('looks at its own moments, before the record that comes later and after the one that comes with it', () => {
    expect(fed('v3', boot(), record(1_200), record(1_440.5))).toEqual([
      '!boot 1',
      '!now 0',
      '6,1,1200000000,-;a',
      '!check 1200',
      '!check 1320',
      '!check 1440',
      '6,2,1440500000,-;a',
      '!now 1443.500',
    ]);
  });

  test('begins anew with each boot', () => {
    expect(checks(fed('v1', boot(1), record(1_300), boot(2), record(1_000)))).toEqual([900, 1_200, 900]);
  });

  test('does not look thousands of times into a silence of years, and keeps its pace', () => {
    const moments = checks(fed('v3', boot(), record(1_300), record(1_200 + 120 * 1_000_000 + 1)));

    expect(moments.length).toBeLessThan(50);
    expect(moments.at(-1)).toBe(1_200 + 120 * 1_000_000);
    expect(moments.every((moment) => (moment - 1_200) % 120 === 0)).toBe(true);
  });
});

describe('a stream', () => {
  test('ticks every twenty seconds after a line, and slower in a silence', () => {
    const ticks = fed('current', boot(), record(1_000), record(1_200))
      .filter((line) => line.startsWith('!now'))
      .map((line) => Number(line.split(' ')[1]))
      .filter((seconds) => seconds > 1_000);

    expect(ticks.slice(0, 4)).toEqual([1_020, 1_040, 1_060, 1_120]);
    expect(ticks.slice(-3)).toEqual([1_120, 1_180, 1_203]);
  });
});

describe('sequence numbers', () => {
  test('keep the gaps of the kernel, and a piece without one does not hide the record after it', () => {
    expect(
      sequences(fed('current', boot(), record(1, 500), record(2, 501), record(2), record(3, 502), record(4, 510))),
    ).toEqual([1, 2, 3, 4, 12]);
  });

  test('stay where a record comes twice', () => {
    expect(sequences(fed('current', boot(), record(1, 500), record(1, 500)))).toEqual([1, 1]);
  });
});

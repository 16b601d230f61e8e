import { describe, expect, test } from 'vitest';
import { minutes } from '../../src/cluster/duration.js';
import { anyOf, promql } from '../../src/layers/promql.js';

describe('promql', () => {
  test('takes the indentation of the source away and keeps what is deeper', () => {
    const text = promql`
      sum(
        up
      )`;

    expect(text).toBe('sum(\n  up\n)');
  });

  test('indents what is put in like the line that it stands in', () => {
    const inner = promql`
      a
        and b`;

    expect(promql`
      count(
        ${inner}
      ) > 0`).toBe('count(\n  a\n    and b\n) > 0');
  });

  test('leaves backslashes to PromQL and writes durations in its notation', () => {
    expect(promql`x{a=~"b\\.c"}[${minutes(15)}]`).toBe('x{a=~"b\\\\.c"}[15m]');
  });
});

test('a dot in a name stands for itself only', () => {
  expect(anyOf(['a.b', 'c', 'c'])).toBe('a\\\\.b|c');
});

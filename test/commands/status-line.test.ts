import { expect, test } from 'vitest';
import { statusLine } from '../../src/commands/status-line.js';

const drawn = (text: string, columns: number | undefined) => statusLine(text, columns).replace('\r\x1b[2K', '');

test('takes off the line before it', () => {
  expect(statusLine('', 80)).toBe('\r\x1b[2K');
});

test('what fits is drawn whole', () => {
  expect(drawn('x'.repeat(79), 80)).toBe('x'.repeat(79));
});

test.each([
  [80, 80],
  [20, 400],
  [undefined, 200],
  // What a terminal says whose size nobody has set.
  [0, 200],
])('in %j columns, what is longer is cut and never begins another line', (columns, length) => {
  const line = drawn('x'.repeat(length), columns);

  expect(line).toHaveLength((columns || 80) - 1);
  expect(line).toMatch(/^x+…$/);
});

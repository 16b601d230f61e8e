import { expect, test } from 'vitest';
import { readPromql } from './promql-uses.js';

const labels = (expr: string, wanted: readonly string[] = [], recorded?: ReadonlyMap<string, string>) =>
  Object.fromEntries(
    readPromql(expr, wanted, recorded).uses.map((use) => [use.metric, [...use.labels].sort().join(' ')]),
  );

test.each([
  ['a matcher that accepts nothing does not ask for the label', 'a{x="",y=~"(b)?",z!="c"}', { a: '' }],
  ['one that does not, does', 'a{x="1",y!="",z=~"b|c"}', { a: 'x y z' }],
  ['an aggregation asks for what it keeps', 'max by (x, y) (rate(a[5m])) > 3', { a: 'x y' }],
  [
    'set operators ask both sides for what they match on',
    'a and on (x) b unless on (y) c',
    { a: 'x y', b: 'x', c: 'y' },
  ],
  ['group_left takes its labels from the right', 'max by (n) (a * on (p) group_left (n) b)', { a: 'p', b: 'n p' }],
  ['group_right takes them from the left', 'max by (n) (b * on (p) group_right (n) a)', { a: 'p', b: 'n p' }],
  [
    'label_replace asks for its source, not for its target',
    'max by (d) (label_replace(a, "d", "$1", "s", "(.+)"))',
    { a: 's' },
  ],
  ['a number takes no label from the other side', 'max by (x) (time() - a > 2 * 3)', { a: 'x' }],
  ['both sides of "or" give the result', 'max by (x) (a or b)', { a: 'x', b: 'x' }],
  ['what is only looked for asks for nothing', 'absent(a{x="1"}) and on () (count(b) > 0)', { a: 'x', b: '' }],
  ['topk keeps what it has', 'max by (x) (a and on (i) topk(1, b))', { a: 'i x', b: 'i' }],
])('%s', (_, expr, expected) => {
  expect(labels(expr)).toEqual(expected);
  expect(readPromql(expr).lost).toEqual([]);
});

test.each([
  ['an aggregation that drops it', 'max by (x) (max by (y) (a))'],
  ['a one-to-one match on others', 'max by (x) (a / on (y) b)'],
  ['a number', 'max by (x) (vector(1))'],
  ['an absent series that does not name it', 'max by (x) (absent(a{y="1"}))'],
])('a label is lost behind %s', (_, expr) => {
  expect(readPromql(expr).lost).toHaveLength(1);
});

test('labels that a text names are asked for, and a recorded series stands for those behind it', () => {
  const recorded = new Map([['r:r:r', 'max by (node, kind) (a * on (p) group_left (node) b)']]);
  const { uses } = readPromql('r:r:r{kind="k"} > 0', ['node'], recorded);

  expect(labels('r:r:r{kind="k"} > 0', ['node'], recorded)).toEqual({ a: 'kind p', b: 'node p' });
  expect(uses.map(({ metric, matchers }) => [metric, matchers.map(({ value }) => value)])).toEqual([
    ['a', ['k']],
    ['b', []],
  ]);
});

test('what the reader does not know is refused by name', () => {
  expect(() => readPromql('quantile_over_time(0.9, a[5m]) + histogram_quantile(0.9, b)')).toThrow(
    'expected PromQL that this reader knows, got FunctionCall',
  );
  expect(() => readPromql('sum without (x) (a)')).toThrow('got AggregateModifier');
});

import { describe, expect, test } from 'vitest';
import { expressionsAt, meets, pairsAt } from '../../src/guardrails/label-requirement.js';

describe('a requirement', () => {
  test.each([
    // operator, with the value a, with the value c, without the label
    ['In', true, false, false],
    ['NotIn', false, true, true],
    ['Exists', true, true, false],
    ['DoesNotExist', false, false, true],
    ['Gt', undefined, undefined, undefined],
  ] as const)('%s of a and b is met by a: %j, by c: %j, by no label: %j', (operator, a, c, none) => {
    const requirement = { key: 'k', operator, values: ['a', 'b'] };

    expect(meets('a', requirement)).toBe(a);
    expect(meets('c', requirement)).toBe(c);
    expect(meets(undefined, requirement)).toBe(none);
  });
});

test('pairs and expressions are read alike', () => {
  const [pair] = pairsAt({ matchLabels: { app: 'x' } }, 'matchLabels');
  const [expression] = expressionsAt(
    { matchExpressions: [{ key: 'app', operator: 'In', values: ['x'] }] },
    'matchExpressions',
  );

  expect(pair).toEqual({ key: 'app', operator: 'In', values: ['x'] });
  expect(expression).toEqual(pair);
});

/** Each rule of vet: what it finds and what it accepts. */
import { describe, expect, test } from 'vitest';
import { VET_RULES, vetChange } from '../../../src/ops/vet/index.js';
import { lookAt, treeOf } from './example.js';
import { EXAMPLES } from './examples.js';

test('there are examples of every rule and of no other', () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual(VET_RULES.map(({ id }) => id).sort());
});

describe.each(Object.entries(EXAMPLES))('%s', (id, examples) => {
  test('has an example that it finds and one that it accepts', () => {
    expect(examples.some(({ found }) => found.length > 0)).toBe(true);
    expect(examples.some(({ found }) => found.length === 0)).toBe(true);
  });

  test.each(examples)('$title', ({ base, head, live, found }) => {
    const now = treeOf(head);
    const look = live === undefined ? null : lookAt(now, live);
    const findings = vetChange(treeOf(base), now, { live: look }).findings.filter(({ rule }) => rule.id === id);

    expect(findings.map(({ object, found: text }) => `${object}: ${text}`)).toEqual(found);
  });

  test('finds nothing where nothing changes', () => {
    for (const { base, head } of examples) {
      for (const side of [base, head]) expect(vetChange(treeOf(side), treeOf(side)).findings).toEqual([]);
    }
  });
});

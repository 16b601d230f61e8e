/** What a check is shown, and what becomes of one that says nothing. */
import { describe, expect, test } from 'vitest';
import { answersOf } from '../../../src/ops/check/answers.js';
import type { CheckFacts, HealthCheck } from '../../../src/ops/check/facts.js';
import { saying } from '../../../src/ops/check/saying.js';
import { live, lookOf } from '../../support/check-facts.js';
import { minimal } from '../../support/clusters.js';

const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
const FACTS: CheckFacts = {
  ...lookOf({ cluster: minimal() }, { nodes: [live('Node', 'lamp')] }),
  described: [{ application: 'a', manifest }],
  patched: [{ application: 'a', manifest, live: { ok: true, value: null } }],
};

const checkOf = (answer: HealthCheck['answer'], ...asks: HealthCheck['asks']): HealthCheck => ({
  ...{ id: 'lights', summary: 'whether they burn', asks, answer },
});

test('a check that says nothing has told nothing: it is unknown', () => {
  expect(answersOf([checkOf(() => [])], FACTS)).toMatchObject([
    { check: 'lights', verdict: 'unknown', found: 'it found nothing to look at' },
  ]);
  const passed = saying('lights').pass('lamp', 'it burns');
  expect(answersOf([checkOf(() => [passed])], FACTS)).toEqual([passed]);
});

describe('a check', () => {
  const shown = (...asks: HealthCheck['asks']) => {
    let counts: readonly number[] = [];
    answersOf(
      [
        checkOf(
          ({ described, patched }) => {
            counts = [described.length, patched.length];
            return [];
          },
          ...asks,
        ),
      ],
      FACTS,
    );
    return counts;
  };

  test('is shown what it asks for, and nothing else', () => {
    expect([shown(), shown('described'), shown('patched')]).toEqual([
      [0, 0],
      [1, 0],
      [0, 1],
    ]);
  });

  test('that reads what it does not ask for is broken, and not told of an empty list', () => {
    const nodes = checkOf(({ of }) => [saying('lights').pass('nodes', String(of('nodes').ok))]);
    const host = checkOf((facts) => [saying('lights').pass('host', String(facts.host('lamp').ok))]);

    expect(() => answersOf([nodes], FACTS)).toThrow("check 'lights': expected nodes among what it asks for, got ");
    expect(() => answersOf([host], FACTS)).toThrow("check 'lights': expected hostReports among what it asks for, got ");
    expect(answersOf([{ ...nodes, asks: ['nodes'] }], FACTS)).toMatchObject([{ found: 'true' }]);
    expect(answersOf([{ ...host, asks: ['hostReports'] }], FACTS)).toMatchObject([{ found: 'false' }]);
  });
});

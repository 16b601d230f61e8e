import { describe, expect, test } from 'vitest';
import { helmValuesOf } from '../../src/guardrails/helm-values.js';
import { application, helmApplication, placed } from './examples.js';

describe('helmValuesOf', () => {
  test('finds nothing in an Application without a chart', () => {
    expect(helmValuesOf(placed([application('x')]))).toEqual([]);
  });

  test.each([
    ['as an object', helmApplication({ a: { b: 1 } })],
    ['as a text', helmApplication({}, { helm: { releaseName: 'kube-prometheus-stack', values: 'a:\n  b: 1\n' } })],
    [
      'in one of several sources',
      application('x', {
        source: undefined,
        sources: [
          { ref: 'values' },
          { chart: 'kube-prometheus-stack', targetRevision: '1.2.3', helm: { valuesObject: { a: { b: 1 } } } },
        ],
      }),
    ],
  ])('reads values %s', (_, object) => {
    expect(helmValuesOf(placed([object])).map(({ chart, values }) => [chart, values])).toEqual([
      ['kube-prometheus-stack', { a: { b: 1 } }],
    ]);
  });
});

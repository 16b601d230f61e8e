import { expect, test } from 'vitest';
import { quantityOf } from '../../src/manifest/quantity.js';

test.each(['', 'a', '1x', 'Ki', '1 Gi', '1KI', '--1', true, null, {}, undefined])('%j is none', (value) => {
  expect(quantityOf(value)).toBeUndefined();
});

test.each<[string | number, number]>([
  [0, 0],
  ['1', 1],
  [1.5, 1.5],
  ['.5', 0.5],
  ['-2k', -2000],
  ['500m', 0.5],
  ['250000u', 0.25],
  ['1e3', 1000],
  ['1E', 1e18],
  ['1M', 1_000_000],
  ['1Mi', 1_048_576],
  ['2Gi', 2_147_483_648],
  ['1Ti', 2 ** 40],
])('%j is %d', (value, number) => {
  expect(quantityOf(value)).toBeCloseTo(number, 9);
});

import { describe, expect, test } from 'vitest';
import { noStateOfOurs } from '../../../src/guardrails/rules/no-state-of-ours.js';
import { deployment, foundIn, manifest } from '../examples.js';

describe('no-state-of-ours', () => {
  test.each([
    ['v1', 'PersistentVolumeClaim'],
    ['v1', 'PersistentVolume'],
    ['apps/v1', 'StatefulSet'],
  ])('refuses a %s %s', (apiVersion, kind) => {
    expect(foundIn(noStateOfOurs, [manifest(apiVersion, kind, 'x')])).toEqual([
      `${kind} tools/x: expected nothing that holds data, got a ${kind}`,
    ]);
  });

  test('accepts what holds none', () => {
    expect(foundIn(noStateOfOurs, [deployment()])).toEqual([]);
  });
});

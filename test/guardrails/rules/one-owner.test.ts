import { describe, expect, test } from 'vitest';
import { Inspection } from '../../../src/guardrails/inspection.js';
import { oneOwner } from '../../../src/guardrails/rules/one-owner.js';
import { minimal } from '../../support/clusters.js';
import { configMap, inNamespace, manifest, placed } from '../examples.js';

const check = (...objects: ReturnType<typeof placed>[]) =>
  oneOwner.check(new Inspection({ cluster: minimal(), objects: objects.flat() }));

describe('one-owner', () => {
  test('refuses an object in two Applications, also in two versions of its group', () => {
    const found = check(
      placed([manifest('apps/v1', 'Deployment', 'x')], 'one'),
      placed([manifest('apps/v1beta2', 'Deployment', 'x')], 'two'),
    );

    expect(found).toEqual([
      expect.objectContaining({ where: 'Deployment tools/x', found: 'expected one Application, got one and two' }),
    ]);
  });

  test('accepts namesakes of another kind, group or namespace', () => {
    const objects = [
      configMap({}, 'x'),
      manifest('v1', 'Service', 'x'),
      manifest('example.org/v1', 'Service', 'x'),
      inNamespace(configMap({}, 'x'), 'elsewhere'),
    ];

    expect(check(placed(objects, 'one'))).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import { fieldChanges } from '../../src/manifest/field-changes.js';
import { below, stepsOf } from '../../src/manifest/field-path.js';
import type { Json } from '../../src/manifest/manifest.js';

describe('a path of a field', () => {
  test.each<[string, unknown]>([
    ['spec.replicas', [{ field: 'spec' }, { field: 'replicas' }]],
    ['metadata.annotations."a.b/c"', [{ field: 'metadata' }, { field: 'annotations' }, { field: 'a.b/c' }]],
    ['args[1]', [{ field: 'args' }, { item: '1' }]],
    [
      'containers[name=a.b].env[name=X]',
      [{ field: 'containers' }, { item: 'name=a.b' }, { field: 'env' }, { item: 'name=X' }],
    ],
    ['ports[port=53,protocol=UDP].name', [{ field: 'ports' }, { item: 'port=53,protocol=UDP' }, { field: 'name' }]],
    ['"with [brackets]"[0]', [{ field: 'with [brackets]' }, { item: '0' }]],
    ['', []],
  ])('%s is taken apart', (path, steps) => {
    expect(stepsOf(path)).toEqual(steps);
  });

  test.each(['a[0', 'a..b', 'a.'])('%j is refused, because nobody wrote it', (path) => {
    expect(() => stepsOf(path)).toThrow('field path: expected');
  });

  test('is the one that a comparison writes', () => {
    const before: Json = { data: { 'a.sh': 'x' }, containers: [{ name: 'm', args: ['1', '2'] }] };
    const after: Json = { data: { 'a.sh': 'y' }, containers: [{ name: 'm', args: ['1', '3'] }] };

    expect(fieldChanges(before, after).map(({ path }) => stepsOf(path))).toEqual([
      [{ field: 'data' }, { field: 'a.sh' }],
      [{ field: 'containers' }, { item: 'name=m' }, { field: 'args' }, { item: '1' }],
    ]);
  });

  test('is put together as it is taken apart', () => {
    const path = below(below('', 'data'), 'a.sh');

    expect(path).toBe('data."a.sh"');
    expect(stepsOf(path)).toEqual([{ field: 'data' }, { field: 'a.sh' }]);
  });
});

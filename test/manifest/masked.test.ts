import { expect, test } from 'vitest';
import type { Manifest } from '../../src/manifest/manifest.js';
import { masked, maskedChanges } from '../../src/manifest/masked.js';

const secret = (value: string, more: object = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: 's',
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `{"data":{"key":"${value}"}}` },
  },
  data: { key: value, ...more },
  stringData: { plain: value },
});

const VALUES = ['aHVudGVyMg==', 'c3dvcmRmaXNo'] as const;

test('no value of a Secret is left, nor what kubectl keeps of it', () => {
  expect(JSON.stringify(masked(secret(VALUES[0])))).not.toContain(VALUES[0]);
  expect(masked(secret(VALUES[0])).data).toEqual({ key: '***' });
});

test.each([
  ['changed', secret(VALUES[0]), secret(VALUES[1])],
  ['added', undefined, secret(VALUES[1])],
  ['removed', secret(VALUES[0]), undefined],
  ['with another key', secret(VALUES[0]), secret(VALUES[0], { other: VALUES[1] })],
  ['without its data', secret(VALUES[0]), { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } }],
])('no value is in the changes of a Secret that is %s, and there are some', (_, before, after) => {
  const changes = maskedChanges(before, after);

  expect(changes).not.toEqual([]);
  for (const value of VALUES) expect(JSON.stringify(changes)).not.toContain(value);
});

test('that a value is another is told', () => {
  expect(maskedChanges(secret(VALUES[0]), secret(VALUES[1]))).toContainEqual({
    path: 'data.key',
    before: '***',
    after: '***',
  });
});

test('what looks like a key is masked in any object', () => {
  const config = (data: string): Manifest => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'c' },
    data: { id: data },
  });

  expect(maskedChanges(config('nothing'), config('https://me:hunter2@git.example/x'))).toEqual([
    { path: 'data.id', before: 'nothing', after: '***' },
  ]);
});

test('leaves everything else as it is', () => {
  const config: Manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: 'b' } };

  expect(masked(config)).toEqual(config);
});

/** When nobody has to ask what an apply would change: only where the record of owners leaves no doubt. */
import { describe, expect, test } from 'vitest';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { isAsApplied } from '../../../src/ops/drift/as-applied.js';
import { argo, liveObject, owner } from './live.js';

const NAME = { apiVersion: 'apps/v1', kind: 'Thing', metadata: { name: 'x' } };
type Fields = { readonly [key: string]: Json };

const asApplied = (live: Fields, described: Fields, ours: Fields, owners = [argo(ours)]): boolean =>
  isAsApplied(liveObject({ ...NAME, ...live } as Manifest, owners), { ...NAME, ...described } as Manifest);

const ONE = { spec: { a: 1 } };
const OURS = { 'f:spec': { 'f:a': {} } };

describe('the server is asked', () => {
  test.each<[string, Fields, Fields, Fields]>([
    ['where a value differs', { spec: { a: 2 } }, ONE, OURS],
    ['where a value is gone', { spec: {} }, ONE, OURS],
    ['where a field is described that was never applied', { spec: { a: 1, b: 2 } }, { spec: { a: 1, b: 2 } }, OURS],
    ['where a field is no longer described', { spec: { a: 1, b: 2 } }, ONE, { 'f:spec': { 'f:a': {}, 'f:b': {} } }],
    ['where a mark is no longer described', ONE, ONE, { ...OURS, 'f:metadata': { 'f:labels': { 'f:x': {} } } }],
    ['where nothing is to be there', { spec: {} }, { spec: { a: null } }, OURS],
    [
      'where a value that counts as one has a key more',
      { spec: { args: [{ a: 1, b: 2 }] } },
      { spec: { args: [{ a: 1 }] } },
      { 'f:spec': { 'f:args': {} } },
    ],
    [
      'where a list has an item more',
      { list: [{ name: 'a' }, { name: 'b' }] },
      { list: [{ name: 'a' }] },
      { 'f:list': { 'k:{"name":"a"}': { '.': {}, 'f:name': {} } } },
    ],
    [
      'where a list has another order',
      { list: [{ name: 'b' }, { name: 'a' }] },
      { list: [{ name: 'a' }, { name: 'b' }] },
      {
        'f:list': {
          'k:{"name":"a"}': { '.': {}, 'f:name': {} },
          'k:{"name":"b"}': { '.': {}, 'f:name': {} },
        },
      },
    ],
    [
      'where a set has another value',
      { finalizers: ['b'] },
      { finalizers: ['a'] },
      { 'f:finalizers': { 'v:"a"': {} } },
    ],
  ])('%s', (_, live, described, ours) => {
    expect(asApplied(live, described, ours)).toBe(false);
  });

  test('where Argo CD never applied it', () => {
    expect(asApplied(ONE, ONE, OURS, [owner('kubectl-edit', OURS)])).toBe(false);
  });

  test('where Argo CD applied it at another version of its kind', () => {
    expect(asApplied(ONE, ONE, OURS, [owner('argocd-controller', OURS, { apiVersion: 'apps/v1beta1' })])).toBe(false);
  });

  test('where Argo CD is on record twice', () => {
    expect(asApplied(ONE, ONE, OURS, [argo(OURS), argo({ 'f:spec': { 'f:b': {} } })])).toBe(false);
  });

  test('where a foreign kind has a quantity in another unit: it is kept as it was written', () => {
    const kind = { ...NAME, apiVersion: 'longhorn.io/v1beta2' };
    const ours = owner('argocd-controller', { 'f:limits': { 'f:cpu': {} } }, { apiVersion: kind.apiVersion });
    const live = liveObject({ ...kind, limits: { cpu: '1' } }, [ours]);

    expect(isAsApplied(live, { ...kind, limits: { cpu: '1000m' } })).toBe(false);
  });
});

describe('nobody has to ask', () => {
  test.each<[string, Fields, Fields, Fields]>([
    ['where the record and the values are those that are described', ONE, ONE, OURS],
    ['where others own fields beside', { spec: { a: 1, b: 2 } }, ONE, OURS],
    [
      'where nothing is left of a value without content',
      { spec: { a: 1 } },
      { spec: { a: 1, env: [] } },
      { 'f:spec': { 'f:a': {}, 'f:env': {} } },
    ],
    [
      'where a built-in kind has a quantity in another unit',
      { limits: { cpu: '1' } },
      { limits: { cpu: '1000m' } },
      { 'f:limits': { 'f:cpu': {} } },
    ],
    [
      'where the server always fills a key in',
      { fieldRef: { apiVersion: 'v1', fieldPath: 'p' } },
      { fieldRef: { fieldPath: 'p' } },
      { 'f:fieldRef': {} },
    ],
    [
      'where the items of a list stand as described',
      { ports: [{ containerPort: 53, protocol: 'TCP', name: 'a' }] },
      { ports: [{ containerPort: 53, name: 'a' }] },
      { 'f:ports': { 'k:{"containerPort":53,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {}, 'f:name': {} } } },
    ],
  ])('%s', (_, live, described, ours) => {
    expect(asApplied(live, described, ours, [argo(ours), owner('kubectl-edit', { 'f:spec': { 'f:b': {} } })])).toBe(
      true,
    );
  });
});

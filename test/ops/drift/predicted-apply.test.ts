import { describe, expect, test } from 'vitest';
import { fieldChanges } from '../../../src/manifest/field-changes.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { predictedApply } from '../../../src/ops/drift/predicted-apply.js';
import { argo, liveObject, owner } from './live.js';

const NAME = { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'x' } };
type Fields = { readonly [key: string]: Json };

/** What an apply of `described` would change on `live`: path to the value afterwards. */
function changes(live: Fields, described: Fields, ours: Fields, others: Fields = {}): Record<string, Json | undefined> {
  const object = liveObject({ ...NAME, ...live } as Manifest, [argo(ours), owner('kubectl-edit', others)]);
  const after = predictedApply(object, { ...NAME, ...described } as Manifest);
  return Object.fromEntries(fieldChanges(object, after).map((change) => [change.path, change.after]));
}

describe('nothing changes', () => {
  test.each<[string, Fields, Fields, Fields]>([
    ['where all is as described', { spec: { a: 1 } }, { spec: { a: 1 } }, { 'f:spec': { 'f:a': {} } }],
    [
      'where the server filled fields in',
      { spec: { a: 1, b: 'default' } },
      { spec: { a: 1 } },
      { 'f:spec': { 'f:a': {} } },
    ],
    [
      'where the server writes a quantity in another way',
      { spec: { limits: { cpu: '500m', memory: '1Gi' }, sizeLimit: '1Mi' } },
      { spec: { limits: { cpu: '0.5', memory: '1024Mi' }, sizeLimit: '1024Ki' } },
      { 'f:spec': { 'f:limits': { 'f:cpu': {}, 'f:memory': {} }, 'f:sizeLimit': {} } },
    ],
    [
      'where nothing is left of a value without content',
      { spec: {} },
      { spec: { hostNetwork: false, env: [] } },
      { 'f:spec': { 'f:hostNetwork': {}, 'f:env': {} } },
    ],
    [
      'where the server filled in a part of a value that counts as one',
      { spec: { ref: { apiVersion: 'v1', fieldPath: 'p' }, rules: [{ action: 'replace', x: 1 }] } },
      { spec: { ref: { fieldPath: 'p' }, rules: [{ x: 1, empty: [] }] } },
      { 'f:spec': { 'f:ref': {}, 'f:rules': {} } },
    ],
    [
      'where an item lacks a key that has a default',
      { ports: [{ containerPort: 53, protocol: 'TCP', name: 'a' }] },
      { ports: [{ containerPort: 53, name: 'a' }] },
      { 'f:ports': { 'k:{"containerPort":53,"protocol":"TCP"}': { '.': {}, 'f:name': {} } } },
    ],
  ])('%s', (_, live, described, ours) => {
    expect(changes(live, described, ours)).toEqual({});
  });

  test('to what somebody else added beside ours', () => {
    const others = { 'f:c': { 'k:{"name":"debug"}': { '.': {} } }, 'f:data': { 'f:b': {} } };
    const ours = { 'f:c': { 'k:{"name":"m"}': { '.': {}, 'f:name': {} } }, 'f:data': { 'f:a': {} } };
    const live = { c: [{ name: 'm' }, { name: 'debug' }], data: { a: '1', b: '2' } };

    expect(changes(live, { c: [{ name: 'm' }], data: { a: '1' } }, ours, others)).toEqual({});
  });

  test('to a field that is no longer described, but that somebody else has set as well', () => {
    expect(changes({ spec: { a: 1 } }, { spec: {} }, { 'f:spec': { 'f:a': {} } }, { 'f:spec': { 'f:a': {} } })).toEqual(
      {},
    );
  });
});

describe('an apply', () => {
  test('takes back what somebody changed', () => {
    expect(changes({ spec: { a: 2 } }, { spec: { a: 1 } }, {}, { 'f:spec': { 'f:a': {} } })).toEqual({ 'spec.a': 1 });
  });

  test('puts back a false that somebody took away, although nothing is what a false looks like', () => {
    const ours = { 'f:spec': { 'f:runAsUser': {} } };

    expect(changes({ spec: { runAsUser: 0 } }, { spec: { runAsUser: 0, escalation: false } }, ours)).toEqual({
      'spec.escalation': false,
    });
  });

  test('does not take 1024Mi for 1Gi where it is a text', () => {
    expect(changes({ data: { size: '1Gi' } }, { data: { size: '1024Mi' } }, { 'f:data': { 'f:size': {} } })).toEqual({
      'data.size': '1024Mi',
    });
  });

  test('replaces a value that counts as one and that somebody changed, with all that is in it', () => {
    const change = changes({ args: [{ a: 1, b: 2 }] }, { args: [{ a: 1 }] }, {}, { 'f:args': {} });

    expect(change).toEqual({ 'args[0].b': undefined });
  });

  test('changes one item of a list with keys, and adds the one that is gone', () => {
    const ours = { 'f:env': { 'k:{"name":"A"}': { '.': {}, 'f:name': {} } } };
    const others = { 'f:env': { 'k:{"name":"A"}': { 'f:value': {} } } };
    const described = {
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
    };

    expect(changes({ env: [{ name: 'A', value: '9' }] }, described, ours, others)).toEqual({
      'env[name=A].value': '1',
      'env[name=B]': { name: 'B', value: '2' },
    });
  });

  test('removes what is no longer described: a field, an item, a note', () => {
    const ours = {
      'f:spec': { 'f:a': {}, 'f:deep': { 'f:only': {} } },
      'f:env': { 'k:{"name":"A"}': { '.': {}, 'f:name': {} }, 'k:{"name":"B"}': { '.': {}, 'f:name': {} } },
      'f:set': { 'v:"x"': {}, 'v:"y"': {} },
    };
    const live = { spec: { a: 1, deep: { only: 1 }, kept: 1 }, env: [{ name: 'A' }, { name: 'B' }], set: ['x', 'y'] };

    expect(changes(live, { spec: {}, env: [{ name: 'B' }], set: ['x'] }, ours)).toEqual({
      'spec.a': undefined,
      'spec.deep': undefined,
      'env[name=A]': undefined,
      'set[1]': undefined,
    });
  });
});

test('what names an object stays the live one', () => {
  const live = liveObject({ ...NAME, metadata: { name: 'x', namespace: 'n' } });

  const after = predictedApply(live, { ...NAME, metadata: { name: 'x', namespace: 'n', labels: { a: 'b' } } });

  expect(after.metadata).toMatchObject({ name: 'x', namespace: 'n', uid: 'u', labels: { a: 'b' } });
});

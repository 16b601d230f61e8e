import { describe, expect, test } from 'vitest';
import type { ManagedFields } from '../../../src/manifest/live-object.js';
import { writerOf } from '../../../src/ops/drift/field-owners.js';
import { argo, liveObject, owner } from './live.js';

const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'coredns', namespace: 'kube-system' },
};

const who = (path: string, ...managers: readonly ManagedFields[]): string | null =>
  writerOf(liveObject(DEPLOYMENT, managers), path)?.manager ?? null;

describe('nobody', () => {
  test('wrote a field that no entry has: what was removed leaves no trace', () => {
    expect(who('spec.replicas', argo({ 'f:spec': { 'f:paused': {} } }))).toBeNull();
  });

  test('wrote what is below a map of which somebody owns other keys, or the map as such', () => {
    expect(who('data.b', owner('x', { 'f:data': { '.': {}, 'f:a': {} } }))).toBeNull();
  });

  test('wrote anything on an object without a record', () => {
    expect(
      writerOf(
        { ...liveObject(DEPLOYMENT), metadata: { ...liveObject(DEPLOYMENT).metadata, managedFields: [] } },
        'spec',
      ),
    ).toBeNull();
  });

  test('wrote a key that is named like a method', () => {
    expect(who('data.toString', owner('x', { 'f:data': { 'f:a': {} } }))).toBeNull();
  });
});

describe('the writer is found', () => {
  test.each<[string, string, ManagedFields['fieldsV1']]>([
    ['a field', 'spec.replicas', { 'f:spec': { 'f:replicas': {} } }],
    ['a key with dots', 'data."a.sh"', { 'f:data': { 'f:a.sh': {} } }],
    [
      'an item by its key',
      'spec.containers[name=main].image',
      { 'f:spec': { 'f:containers': { 'k:{"name":"main"}': { 'f:image': {} } } } },
    ],
    [
      'an item by two keys, one of which has its default',
      'spec.ports[containerPort=53].name',
      { 'f:spec': { 'f:ports': { 'k:{"containerPort":53,"protocol":"TCP"}': { 'f:name': {} } } } },
    ],
    ['an item of a set', 'metadata.finalizers[a.b/c]', { 'f:metadata': { 'f:finalizers': { 'v:"a.b/c"': {} } } }],
    ['an item by its index', 'spec.list[2]', { 'f:spec': { 'f:list': { 'i:2': {} } } }],
    ['part of a value that counts as one', 'spec.args[0].x', { 'f:spec': { 'f:args': {} } }],
    ['something that holds what somebody wrote', 'spec.template', { 'f:spec': { 'f:template': { 'f:x': {} } } }],
    ['the order of a list', 'spec.containers[order]', { 'f:spec': { 'f:containers': { 'k:{"name":"a"}': {} } } }],
  ])('of %s', (_, path, fieldsV1) => {
    expect(who(path, owner('kubectl-edit', { ...(fieldsV1 as object) }))).toBe('kubectl-edit');
  });

  test('not of the same port with another protocol', () => {
    const fields = { 'f:ports': { 'k:{"containerPort":53,"protocol":"UDP"}': { 'f:name': {} } } };

    expect(who('ports[containerPort=53].name', owner('x', fields))).toBeNull();
    expect(who('ports[containerPort=53,protocol=UDP].name', owner('x', fields))).toBe('x');
  });

  test('not of an item whose name only begins alike', () => {
    expect(who('c[name=main]', owner('x', { 'f:c': { 'k:{"name":"main2"}': {} } }))).toBeNull();
  });
});

describe('of several writers', () => {
  const fields = { 'f:spec': { 'f:replicas': {} } };

  test('the newest is named', () => {
    const [old, late] = [
      owner('old', fields, { time: '2025-11-22T03:00:00Z' }),
      owner('late', fields, { time: '2025-11-22T04:00:00Z' }),
    ];

    expect(who('spec.replicas', old, late)).toBe('late');
    expect(who('spec.replicas', late, old)).toBe('late');
  });

  test('Argo CD is named only where nobody else is', () => {
    expect(who('spec.replicas', argo(fields), owner('k', fields, { time: '2020-01-01T00:00:00Z' }))).toBe('k');
    expect(who('spec.replicas', argo(fields))).toBe('argocd-controller');
  });
});

test('a writer comes with the subresource that it used, and without a time where the server kept none', () => {
  const { time: _, ...timeless } = owner('kubectl', { 'f:spec': { 'f:replicas': {} } }, { subresource: 'scale' });

  expect(writerOf(liveObject(DEPLOYMENT, [timeless]), 'spec.replicas')).toEqual({
    manager: 'kubectl',
    operation: 'Update',
    subresource: 'scale',
    time: null,
  });
});

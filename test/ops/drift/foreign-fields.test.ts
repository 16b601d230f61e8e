import { describe, expect, test } from 'vitest';
import type { ManagedFields } from '../../../src/manifest/live-object.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { addedFields } from '../../../src/ops/drift/foreign-fields.js';
import { argo, liveObject, owner } from './live.js';

type Fields = { readonly [key: string]: Json };

const thing = (fields: Fields): Manifest => ({ apiVersion: 'v1', kind: 'Thing', metadata: { name: 'x' }, ...fields });
const added = (live: Fields, described: Fields, ...managers: readonly ManagedFields[]) =>
  addedFields(liveObject(thing(live), managers), thing(described));
const paths = (...given: Parameters<typeof added>) => added(...given).map(({ path }) => path);

const OURS = argo({ 'f:spec': { 'f:a': {} } });
const EXTRA = { 'f:spec': { 'f:b': {} } };
const LIVE = { spec: { a: 1, b: 2 } };
const DESCRIBED = { spec: { a: 1 } };

test('a field that somebody added is found, with its value and who it was', () => {
  expect(added(LIVE, DESCRIBED, OURS, owner('kubectl-edit', EXTRA))).toMatchObject([
    { path: 'spec.b', value: 2, writer: { manager: 'kubectl-edit' } },
  ]);
});

test.each([
  ['by way of a subresource: kubectl scale', owner('kubectl', EXTRA, { subresource: 'scale' })],
  ["in Argo CD's own pages", owner('argocd-server', EXTRA)],
  ['by the program that writes image tags into Applications', owner('argocd-image-updater', EXTRA)],
  ["under the name of Argo CD's own applies", owner('argocd-controller', EXTRA, { operation: 'Update' })],
])('a field is found that somebody added %s', (_, theirs) => {
  expect(paths(LIVE, DESCRIBED, OURS, theirs)).toEqual(['spec.b']);
});

test('a field stays theirs where Argo CD has set it once as well, and the description no longer does', () => {
  const both = argo({ 'f:spec': { 'f:a': {}, 'f:b': {} } });

  expect(paths(LIVE, DESCRIBED, both, owner('kubectl-edit', EXTRA))).toEqual(['spec.b']);
  expect(paths(LIVE, DESCRIBED, both)).toEqual([]);
});

describe('nothing was added', () => {
  test.each<[string, Fields, Fields, ManagedFields]>([
    ['where the server filled it in', LIVE, DESCRIBED, owner('kubectl-edit', {})],
    ['where it is described as well', LIVE, { spec: { a: 1, b: 2 } }, owner('kubectl-edit', EXTRA)],
    ['where it is gone since', { spec: { a: 1 } }, DESCRIBED, owner('kubectl-edit', EXTRA)],
    ['by a controller', LIVE, DESCRIBED, owner('kube-controller-manager', EXTRA)],
    ['by the controller of Argo CD', LIVE, DESCRIBED, owner('argocd-application-controller', EXTRA)],
    ['by Longhorn', LIVE, DESCRIBED, owner('longhorn-manager', EXTRA)],
    ['to a status', { ...LIVE, status: { x: 1 } }, DESCRIBED, owner('kubectl-edit', { 'f:status': { 'f:x': {} } })],
    [
      'with a label or a note',
      { metadata: { name: 'x', labels: { l: 'v' }, annotations: { n: 'v' } } },
      {},
      owner('kubectl-edit', { 'f:metadata': { 'f:labels': { 'f:l': {} }, 'f:annotations': { 'f:n': {} } } }),
    ],
    [
      'by a restart',
      { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 't' } } } } },
      {},
      owner('kubectl-rollout', {
        'f:spec': {
          'f:template': { 'f:metadata': { 'f:annotations': { 'f:kubectl.kubernetes.io/restartedAt': {} } } },
        },
      }),
    ],
  ])('%s', (_, live, described, theirs) => {
    expect(paths(live, described, OURS, theirs)).toEqual([]);
  });
});

test('somebody whose name only begins alike is no controller', () => {
  expect(paths(LIVE, DESCRIBED, OURS, owner('operator-by-hand', EXTRA))).toEqual(['spec.b']);
  expect(paths(LIVE, DESCRIBED, OURS, owner('operator', EXTRA))).toEqual([]);
});

test("a finalizer, an owner and a note of Argo CD's are of weight", () => {
  const live = {
    metadata: { name: 'x', finalizers: ['f'], annotations: { 'argocd.argoproj.io/sync-options': 'Prune=true' } },
  };
  const theirs = owner('kubectl-edit', {
    'f:metadata': {
      'f:finalizers': { '.': {}, 'v:"f"': {} },
      'f:annotations': { 'f:argocd.argoproj.io/sync-options': {} },
    },
  });

  expect(paths(live, {}, OURS, theirs).sort()).toEqual([
    'metadata.annotations."argocd.argoproj.io/sync-options"',
    'metadata.finalizers',
  ]);
});

describe('in a list of ours', () => {
  const item = (name: string) => ({ [`k:{"name":"${name}"}`]: { '.': {}, 'f:name': {} } });
  const ours = argo({ 'f:c': item('main') });

  test('an item is found as one, and a field of our item as one field', () => {
    const theirs = owner('kubectl-edit', {
      'f:c': { ...item('debug'), 'k:{"name":"main"}': { 'f:image': {} } },
    });
    const live = { c: [{ name: 'main', image: 'i' }, { name: 'debug' }] };

    expect(paths(live, { c: [{ name: 'main' }] }, ours, theirs).sort()).toEqual([
      'c[name=debug]',
      'c[name=main].image',
    ]);
  });

  test("an item that is nobody's was put in by a webhook; one that is described, or a controller's, was not", () => {
    const live = { c: [{ name: 'main' }, { name: 'sidecar' }] };
    const unowned = { path: 'c[name=sidecar]', value: { name: 'sidecar' }, writer: null };

    expect(added(live, { c: [{ name: 'main' }] }, ours)).toEqual([unowned]);
    expect(
      added({ spec: live }, { spec: { c: [{ name: 'main' }] } }, argo({ 'f:spec': { 'f:c': item('main') } })),
    ).toEqual([{ ...unowned, path: 'spec.c[name=sidecar]' }]);
    expect(added(live, live, ours)).toEqual([]);
    expect(added(live, { c: [{ name: 'main' }] }, ours, owner('kubelite', { 'f:c': item('sidecar') }))).toEqual([]);
    expect(added(live, {}, ours)).toEqual([]);
  });

  test("an unrecorded item is found in a list of another manager's item, also where nothing is more than described", () => {
    const env = (name: string) => ({ 'f:env': { [`k:{"name":"${name}"}`]: {} } });
    const main = (fields: Fields) => ({ 'f:c': { 'k:{"name":"main"}': fields } });
    const live = { c: [{ name: 'main', env: [{ name: 'put-in' }, { name: 'b' }] }] };
    const described = { c: [{ name: 'main', env: [{ name: 'a' }, { name: 'b' }] }] };

    expect(paths(live, described, argo(main({ '.': {}, 'f:name': {} })), owner('kubelite', main(env('b'))))).toEqual([
      'c[name=main].env[name=put-in]',
    ]);
    expect(paths(live, described, argo(main(env('a'))), owner('kubelite', main(env('put-in'))))).toEqual([]);
  });

  test('a port without its usual protocol on record is not another one', () => {
    const port = argo({ 'f:ports': { 'k:{"port":53,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } });

    expect(paths({ ports: [{ port: 53 }] }, { ports: [{ port: 53 }] }, port)).toEqual([]);
  });

  test('a port is another one with another protocol, and shown without the usual one', () => {
    const port = (protocol: string) => ({ [`k:{"port":53,"protocol":"${protocol}"}`]: { '.': {} } });
    const live = {
      ports: [
        { port: 53, protocol: 'TCP' },
        { port: 53, protocol: 'UDP' },
      ],
    };

    expect(paths(live, {}, OURS, owner('k', { 'f:ports': { ...port('TCP'), ...port('UDP') } }))).toEqual([
      'ports[port=53]',
      'ports[port=53,protocol=UDP]',
    ]);
    expect(
      paths(live, { ports: [{ port: 53 }] }, argo({ 'f:ports': port('TCP') }), owner('k', { 'f:ports': port('UDP') })),
    ).toEqual(['ports[port=53,protocol=UDP]']);
  });
});

test('of a map that somebody made, all is told at once', () => {
  const live = { spec: { a: 1, m: { x: 1, y: 2 } } };
  const theirs = owner('kubectl-edit', { 'f:spec': { 'f:m': { '.': {}, 'f:x': {}, 'f:y': {} } } });

  expect(paths(live, DESCRIBED, OURS, theirs)).toEqual(['spec.m']);
});

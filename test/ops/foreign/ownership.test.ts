import { describe, expect, test } from 'vitest';
import type { Answer, Failure, LiveObject, ManagedFields } from '../../../src/manifest/live-object.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { patchOwnership } from '../../../src/ops/foreign/ownership.js';
import { homelab, objectsOf, pvek8s } from '../../support/clusters.js';
import { entry, liveObject } from './live-object.js';

const first = (objects: readonly Manifest[]): Manifest => {
  const [object] = objects;
  if (object === undefined) throw new Error('a patch: expected, got none');
  return object;
};
const PARTIAL = first(objectsOf(homelab(), 'coredns'));
const WHOLE = first(objectsOf(pvek8s(), 'coredns'));
const SETTING = first(objectsOf(homelab(), 'longhorn-settings'));

const APPLICATION = 'selfheal-coredns';
const TRACKED = { 'argocd.argoproj.io/tracking-id': `${APPLICATION}:apps/Deployment:kube-system/coredns` };
const OWNER_SPEC = { 'f:spec': { 'f:selector': {}, 'f:template': { 'f:spec': { 'f:dnsPolicy': {} } } } };
const OUR_SPEC = { 'f:spec': { 'f:replicas': {}, 'f:template': { 'f:spec': { 'f:affinity': {} } } } };
const METADATA = { 'f:metadata': { 'f:annotations': { '.': {}, 'f:selfheal.dev/foreign': {} } } };

const ask = (
  described: Manifest,
  managedFields: readonly ManagedFields[],
  annotations: Readonly<Record<string, string>> = {},
) => patchOwnership(described, APPLICATION, { ok: true, value: liveObject(described, managedFields, annotations) });

describe('cannot be told', () => {
  test.each([
    ['forbidden', 'let this identity get the object'],
    ['unknown-kind', 'install what brings the kind'],
    ['unauthorized', 'log in again'],
    ['unreachable', 'ask again when it answers'],
  ] as const)('where the answer is %s', (kind: Failure['kind'], next) => {
    const live: Answer<LiveObject | null> = { ok: false, failure: { kind, message: `get: ${kind}` } };

    expect(patchOwnership(PARTIAL, APPLICATION, live)).toMatchObject({
      subject: 'Deployment kube-system/coredns',
      verdict: 'unknown',
      found: `get: ${kind}`,
      next: expect.stringContaining(next),
    });
  });

  test('where there is no object: nobody knows who will make it', () => {
    expect(patchOwnership(PARTIAL, APPLICATION, { ok: true, value: null })).toMatchObject({ verdict: 'unknown' });
  });
});

describe('a partial patch', () => {
  test.each([
    ['deploy@jarvis', 'Update'],
    ['longhorn-manager', 'Update'],
    ['helm', 'Update'],
    ['helm', 'Apply'],
  ] as const)('is right where %s wrote the object by %s', (manager, operation) => {
    expect(ask(PARTIAL, [entry(manager, operation, OWNER_SPEC)])).toMatchObject({
      verdict: 'pass',
      found: expect.stringContaining(`owned by ${manager} (${operation})`),
    });
  });

  test('is wrong where `kubectl apply` wrote the object: every sync would be refused', () => {
    expect(ask(PARTIAL, [entry('kubectl-client-side-apply', 'Update', OWNER_SPEC)])).toMatchObject({
      verdict: 'fail',
      expected: expect.stringContaining('a patch that is whole'),
      next: expect.stringContaining('whole object'),
    });
  });

  test('is wrong where the note of `kubectl apply` is all that is left of it', () => {
    const note = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' };

    expect(ask(PARTIAL, [entry('somebody', 'Update', OWNER_SPEC)], note)).toMatchObject({ verdict: 'fail' });
  });

  test('is right once it is applied: Argo CD owns its fields, and the owner the rest', () => {
    const owners = [entry('deploy@jarvis', 'Update', OWNER_SPEC), entry('argocd-controller', 'Apply', OUR_SPEC)];

    expect(ask(PARTIAL, owners, TRACKED)).toMatchObject({
      verdict: 'pass',
      found: expect.stringContaining('what is described is set by argocd-controller (Apply)'),
    });
  });

  test('is wrong where Argo CD owns the whole object: it would take the rest away', () => {
    expect(ask(PARTIAL, [entry('argocd-controller', 'Apply', OWNER_SPEC)], TRACKED)).toMatchObject({
      verdict: 'fail',
      expected: expect.stringContaining('Argo CD owns 2 more fields, e.g. spec.selector'),
    });
  });

  test('is right for an object whose one field it sets', () => {
    const owners = [entry('argocd-controller', 'Apply', { 'f:value': {}, ...METADATA })];

    expect(ask(SETTING, owners)).toMatchObject({ verdict: 'pass' });
  });

  test("does not take the status for the owner's fields", () => {
    const owners = [entry('kube-controller-manager', 'Update', { 'f:status': { 'f:replicas': {} } }, 'status')];

    expect(ask(PARTIAL, owners).found).toMatch(/^owned by nobody/);
  });
});

describe('a whole object', () => {
  test('is right where `kubectl apply` wrote it', () => {
    expect(ask(WHOLE, [entry('kubectl-client-side-apply', 'Update', OWNER_SPEC)])).toMatchObject({ verdict: 'pass' });
  });

  test('is right once Argo CD owns it', () => {
    expect(ask(WHOLE, [entry('argocd-controller', 'Apply', OWNER_SPEC)], TRACKED)).toMatchObject({ verdict: 'pass' });
  });

  test('is wrong where a controller writes the object', () => {
    expect(ask(WHOLE, [entry('deploy@jarvis', 'Update', OWNER_SPEC)])).toMatchObject({
      verdict: 'fail',
      expected: expect.stringContaining('a patch that is partial'),
    });
  });
});

test('an object of another Application is not to be patched at all', () => {
  const theirs = { 'argocd.argoproj.io/tracking-id': 'tunnel:apps/Deployment:kube-system/coredns' };

  expect(ask(PARTIAL, [entry('argocd-controller', 'Apply', OWNER_SPEC)], theirs)).toMatchObject({
    verdict: 'fail',
    found: expect.stringContaining('the Application tunnel syncs it'),
  });
});

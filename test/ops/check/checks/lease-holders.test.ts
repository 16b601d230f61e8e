import { describe, expect, test } from 'vitest';
import type { Answer, LiveObject } from '../../../../src/manifest/live-object.js';
import type { Json } from '../../../../src/manifest/manifest.js';
import { leaseHoldersCheck } from '../../../../src/ops/check/checks/lease-holders.js';
import { failure, live, lookOf, NOW } from '../../../support/check-facts.js';
import { homelab, pvek8s } from '../../../support/clusters.js';

const ago = (seconds: number) => new Date(NOW - seconds * 1_000).toISOString();

/** `recorded`: when the API server says that the time was written; none where it keeps no record. */
function lease(name: string, spec: { readonly [key: string]: Json } = {}, recorded?: string): LiveObject {
  const fieldsV1 = { 'f:spec': { 'f:renewTime': {} } };
  const entry = { manager: 'kube-scheduler', operation: 'Update', apiVersion: 'coordination.k8s.io/v1', fieldsV1 };
  return live('Lease', `kube-system/${name}`, {
    metadata: recorded === undefined ? {} : { managedFields: [{ ...entry, time: recorded }] },
    spec: { holderIdentity: 'k8s02_3f1a-77', leaseDurationSeconds: 20, renewTime: ago(2), ...spec },
  });
}
const MANAGER = lease('kube-controller-manager');
const answer = (leases: Parameters<typeof lookOf>[1]['leases'], more: { node?: string; now?: Answer<number> } = {}) =>
  leaseHoldersCheck.answer(lookOf({ cluster: pvek8s(), ...more }, { leases }));
const scheduler = (spec: { readonly [key: string]: Json }, recorded?: string) =>
  answer([lease('kube-scheduler', spec, recorded), MANAGER])[0];

test('two that are renewed by a described node pass, with the node and the age', () => {
  expect(answer([lease('kube-scheduler'), MANAGER])).toMatchObject([
    { verdict: 'pass', subject: 'Lease kube-system/kube-scheduler', found: 'k8s02, renewed 2 s ago' },
    { verdict: 'pass', subject: 'Lease kube-system/kube-controller-manager' },
  ]);
});

test('of several writers of its time the last one counts', () => {
  const [first, last] = [40, 3].map(
    (seconds) => lease('kube-scheduler', {}, ago(seconds)).metadata.managedFields ?? [],
  );
  const its = lease('kube-scheduler');
  const written = { ...its, metadata: { ...its.metadata, managedFields: [...(first ?? []), ...(last ?? [])] } };

  expect(answer([written, MANAGER])[0]).toMatchObject({ verdict: 'pass', found: 'k8s02, renewed 3 s ago' });
});

test('a lease of the same name elsewhere is nobody', () => {
  const other = { ...lease('kube-scheduler'), metadata: { ...lease('kube-scheduler').metadata, namespace: 'shop' } };

  expect(answer([other, MANAGER])[0]).toMatchObject({
    verdict: 'fail',
    found: expect.stringContaining('no such lease'),
  });
});

describe('it cannot be told', () => {
  test.each([
    ['where leases may not be listed', answer(failure('list Lease: 403'))],
    ['where there are no leases at all: a cluster has one for each node', answer([])],
    ["without the API server's time", answer([lease('kube-scheduler'), MANAGER], { now: failure('no Date') })],
    ['from a lease without a duration', [scheduler({ leaseDurationSeconds: null })]],
    ['from a lease whose time is none', [scheduler({ renewTime: 'yesterday' })]],
    ['from a clock two minutes ahead', [scheduler({ renewTime: ago(-120) })]],
  ])('%s', (_, [first]) => {
    expect(first?.verdict).toBe('unknown');
    expect(first?.found).not.toBe('');
  });
});

describe('it fails', () => {
  test.each([
    ['31 s after the last renewal of one that lasts 20', { renewTime: ago(31) }, 'last renewed 31 s ago by k8s02'],
    ['where nobody holds it', { holderIdentity: '' }, 'nobody holds it'],
    ['where the holder is no node of ours', { holderIdentity: 'intruder_1' }, 'no described node'],
  ] as const)('%s', (_, spec, found) => {
    expect(scheduler(spec)).toMatchObject({ verdict: 'fail', found: expect.stringContaining(found) });
  });
});

test.each([
  ['30 s after the last renewal: another may just be taking over', { renewTime: ago(30) }, undefined],
  ['a holder whose clock is an hour behind, as the server recorded it', { renewTime: ago(3_600) }, ago(3)],
  ['a holder whose clock is an hour ahead, as the server recorded it', { renewTime: ago(-3_600) }, ago(3)],
  ['a host that is called by its full name, in capitals', { holderIdentity: 'K8S02.lan_1' }, undefined],
] as const)('it passes %s', (_, spec, recorded) => {
  expect(scheduler(spec, recorded)?.verdict).toBe('pass');
});

test('a time that is fresh by the holder alone is none: the server recorded it long ago', () => {
  expect(scheduler({ renewTime: ago(1) }, ago(600))).toMatchObject({ verdict: 'fail' });
});

test('says that somebody has to take over from a node that goes down', () => {
  const [first] = answer([lease('kube-scheduler'), MANAGER], { node: 'k8s02' });

  expect(first).toMatchObject({ verdict: 'pass', found: expect.stringContaining('take it over') });
  expect(answer([lease('kube-scheduler'), MANAGER], { node: 'k8s01' })[0]?.found).not.toContain('take it over');
});

test('is not asked where nobody is elected', () => {
  expect(leaseHoldersCheck.applies?.({ ...homelab(), leaderElection: false })).toBe(false);
  expect(leaseHoldersCheck.applies?.(pvek8s())).toBe(true);
});

import { describe, expect, test } from 'vitest';
import type { LiveObject } from '../../../../src/manifest/live-object.js';
import type { Json } from '../../../../src/manifest/manifest.js';
import { schedulerStallCheck } from '../../../../src/ops/check/checks/scheduler-stall.js';
import { failure, live, lookOf, minutesAgo, NOW } from '../../../support/check-facts.js';
import { homelab, pvek8s } from '../../../support/clusters.js';

/** A pod that waits for a node, for so many minutes. */
function waiting(name: string, minutes: number, more: { readonly [key: string]: Json } = {}): LiveObject {
  const {
    spec = {},
    status = {},
    metadata = {},
  } = more as { readonly [key: string]: { readonly [key: string]: Json } };
  return live('Pod', `shop/${name}`, {
    metadata: { creationTimestamp: minutesAgo(minutes), ...metadata },
    spec: { schedulerName: 'default-scheduler', ...spec },
    status: { phase: 'Pending', ...status },
  });
}
const REFUSED = {
  conditions: [
    { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available:\n3 Too many' },
  ],
};
const RUNNING = live('Pod', 'shop/runs', { spec: { nodeName: 'k8s01' }, status: { phase: 'Running' } });
const LEASE = live('Lease', 'kube-system/kube-scheduler', {
  spec: { holderIdentity: 'k8s02_9', leaseDurationSeconds: 20, renewTime: new Date(NOW - 2_000).toISOString() },
});
const told = (pod: LiveObject, reason = 'FailedScheduling') =>
  live('Event', 'shop/e', { involvedObject: { uid: pod.metadata.uid }, reason });

type Known = Parameters<typeof lookOf>[1];
const answer = (pods: Known['pods'], more: Known = {}, look: Partial<Parameters<typeof lookOf>[0]> = {}) =>
  schedulerStallCheck.answer(
    lookOf(
      { cluster: pvek8s(), ...look },
      { pods, events: [], leases: [LEASE], nodes: [live('Node', 'k8s01')], ...more },
    ),
  );
const OLD = waiting('old', 6);

test('nobody who waits is well', () => {
  expect(answer([RUNNING])).toMatchObject([{ verdict: 'pass', found: 'none' }]);
});

describe('a pod whose volume is being made', () => {
  const CHOSEN = 'volume.kubernetes.io/selected-node';
  const withClaim = (minutes: number) =>
    waiting('web', minutes, {
      spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
    });
  const claim = (place: string, selected: boolean, { phase = 'Pending', minutes = -1 } = {}) =>
    live('PersistentVolumeClaim', place, {
      metadata: {
        annotations: selected ? { [CHOSEN]: 'k8s01' } : {},
        managedFields: [
          { time: minutesAgo(600), fieldsV1: { 'f:spec': {} } },
          ...(minutes < 0
            ? []
            : [
                { time: minutesAgo(minutes), fieldsV1: { 'f:metadata': { 'f:annotations': { [`f:${CHOSEN}`]: {} } } } },
              ]),
        ],
      },
      status: { phase },
    });

  test('on the node that the scheduler chose is no stall', () => {
    expect(answer([withClaim(6)], { claims: [claim('shop/data', true)] })).toMatchObject([
      { verdict: 'pass', found: '1 with a node, and a volume that is still being made there: shop/web' },
    ]);
  });

  test.each([
    ['for which no node was chosen', claim('shop/data', false)],
    ['that is there already', claim('shop/data', true, { phase: 'Bound' })],
    ['of another namespace', claim('media/data', true)],
    ['of another pod', claim('shop/other', true)],
  ])('%s is one', (_, other) => {
    expect(answer([withClaim(6)], { claims: [other] })).toMatchObject([{ cause: { id: 'rc-1' } }]);
  });

  test('is one when the scheduler has had longer than it waits', () => {
    expect(answer([withClaim(15)], { claims: [claim('shop/data', true)] })).toMatchObject([{ verdict: 'pass' }]);
    expect(answer([withClaim(15.1)], { claims: [claim('shop/data', true)] })).toMatchObject([
      { cause: { id: 'rc-1' } },
    ]);
  });

  test('counts from when the node was chosen, which after a stall is late', () => {
    const chosen = (minutes: number) => [claim('shop/data', true, { minutes })];

    expect(answer([withClaim(260)], { claims: chosen(15) })).toMatchObject([{ verdict: 'pass' }]);
    expect(answer([withClaim(260)], { claims: chosen(15.1) })).toMatchObject([{ cause: { id: 'rc-1' } }]);
  });

  test('hides no stall of the others', () => {
    const [result, ...more] = answer([withClaim(6), OLD], { claims: [claim('shop/data', true)] });

    expect(result).toMatchObject({ cause: { id: 'rc-1' }, found: expect.stringMatching(/^1 without .*: shop\/old;/) });
    expect(more).toEqual([]);
  });

  test('cannot be told from a stall where claims cannot be read', () => {
    expect(answer([withClaim(6)], { claims: failure('list PersistentVolumeClaim: 403') })).toMatchObject([
      { verdict: 'unknown', found: 'list PersistentVolumeClaim: 403' },
    ]);
  });

  test('does not keep to itself the others where claims cannot be read', () => {
    const [result, ...more] = answer([withClaim(6), OLD], { claims: failure('list PersistentVolumeClaim: 403') });

    expect(result).toMatchObject({ cause: { id: 'rc-1' }, found: expect.stringMatching(/^1 without .*: shop\/old;/) });
    expect(more).toEqual([]);
  });
});

test('pods that nobody looked at while the lease is renewed are RC-1, on the holder', () => {
  const results = answer([RUNNING, waiting('older', 260), OLD]);

  expect(results).toEqual([
    expect.objectContaining({
      verdict: 'fail',
      cause: { id: 'rc-1', node: 'k8s02' },
      expected: 'each pod looked at within 5 minutes',
      found:
        "2 without condition or event, the oldest for 4 h 20 min: shop/older, shop/old; k8s02 renews the scheduler's lease meanwhile",
      incident: expect.objectContaining({ anchor: 'pvek8s-rc-1-scheduler' }),
      next: expect.stringContaining('journalctl -u snap.microk8s.daemon-kubelite.service'),
    }),
  ]);
});

test('where nobody is elected it is the control plane', () => {
  const cluster = { ...homelab(), leaderElection: false };

  expect(answer([OLD], { leases: failure('never asked') }, { cluster })).toMatchObject([
    { verdict: 'fail', cause: { id: 'rc-1', node: cluster.controlPlane.name } },
  ]);
});

describe('it is not RC-1', () => {
  test.each([
    ['for a pod that is younger than 5 minutes', waiting('young', 4.9)],
    ['for one that waits behind a gate', waiting('gated', 60, { spec: { schedulingGates: [{ name: 'quota' }] } })],
    ['for one of another scheduler', waiting('other', 60, { spec: { schedulerName: 'volcano' } })],
    ['for one that is on its way out', waiting('gone', 60, { metadata: { deletionTimestamp: minutesAgo(1) } })],
    ['for one that has a node and waits for its kubelet', waiting('placed', 60, { spec: { nodeName: 'k8s01' } })],
  ])('%s', (_, pod) => {
    expect(answer([RUNNING, pod])).toMatchObject([{ verdict: 'pass' }]);
  });

  test('where the scheduler said why: the cluster is full', () => {
    expect(answer([waiting('full', 60, { status: REFUSED })])).toMatchObject([
      {
        verdict: 'fail',
        cause: null,
        expected: 'a place for each pod',
        found: '1 looked at and refused, the oldest for 1 h: shop/full; 0/3 nodes are available: 3 Too many',
        next: 'kubectl -n shop describe pod full',
      },
    ]);
  });

  test('where an event says that it was looked at, and only the condition is not there', () => {
    expect(answer([OLD], { events: [told(OLD)] })).toMatchObject([{ verdict: 'unknown', cause: null }]);
  });

  test('where nobody renews the lease: then there is no scheduler at all', () => {
    const stale = { ...LEASE, spec: { ...(LEASE.spec as object), renewTime: minutesAgo(9) } };

    for (const leases of [[stale], [live('Lease', 'kube-system/else')]])
      expect(answer([OLD], { leases })).toMatchObject([
        { verdict: 'fail', cause: null, found: expect.stringContaining('nobody renews') },
      ]);
  });
});

test("another pod's event does not stand for it, nor one of the kubelet", () => {
  for (const events of [[told(RUNNING)], [told(OLD, 'FailedMount')]])
    expect(answer([OLD], { events })).toMatchObject([{ cause: { id: 'rc-1' } }]);
});

test('both are said where both are there', () => {
  const results = answer([OLD, waiting('full', 60, { status: REFUSED })]);

  expect(results.map(({ cause, expected }) => [cause?.id ?? null, expected])).toEqual([
    ['rc-1', 'each pod looked at within 5 minutes'],
    [null, 'a place for each pod'],
  ]);
});

test('a pod that was made in the future and looked at says nothing of a clock', () => {
  expect(answer([RUNNING, waiting('full', -180, { status: REFUSED })])).toMatchObject([{ verdict: 'pass' }]);
});

test('of a time the two largest parts are said, and of pods three by name', () => {
  const four = ['a', 'b', 'c', 'd'].map((name) => waiting(name, 26 * 60 + 3.5));

  expect(answer(four)[0]?.found).toMatch(/^4 .* for 1 d 2 h: shop\/a, shop\/b, shop\/c and 1 more;/);
  expect(answer(four.slice(1))[0]?.found).toMatch(/: shop\/b, shop\/c, shop\/d;/);
});

describe('it cannot be told', () => {
  test.each([
    ['without the pods', answer(failure('list Pod: 403'))],
    ['from no pods at all: a cluster always has some', answer([])],
    ['of a pod that was made in three hours: a clock was wrong', answer([OLD, waiting('early', -180)])],
    ["without the API server's time", answer([OLD], {}, { now: failure('no Date') })],
    ['without the events, once a pod is silent', answer([OLD], { events: failure('list Event: 403') })],
    ['without the leases, once a pod is silent', answer([OLD], { leases: failure('list Lease: 403') })],
  ])('%s', (_, results) => {
    expect(results.map(({ verdict, cause }) => [verdict, cause])).toEqual([['unknown', null]]);
  });
});

test('what a drain left without a place waits for the cordoned node, which does not hold up its reboot', () => {
  const pods = [waiting('full', 60, { status: REFUSED })];
  const nodes = [live('Node', 'k8s02', { spec: { unschedulable: true } })];

  expect(answer(pods, { nodes }, { node: 'k8s02' })).toMatchObject([{ verdict: 'pass' }]);
  expect(answer(pods, { nodes }, { node: 'k8s01' })).toMatchObject([{ verdict: 'fail' }]);
  expect(answer(pods, { nodes: failure('403') }, { node: 'k8s02' })).toMatchObject([{ verdict: 'unknown' }]);
});

test('a cordoned node does not excuse a scheduler that stalls', () => {
  const nodes = [live('Node', 'k8s02', { spec: { unschedulable: true } })];

  expect(answer([OLD], { nodes }, { node: 'k8s02' })).toMatchObject([{ verdict: 'fail', cause: { id: 'rc-1' } }]);
});

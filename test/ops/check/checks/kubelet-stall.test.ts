import { expect, test } from 'vitest';
import type { LiveObject } from '../../../../src/manifest/live-object.js';
import type { Json } from '../../../../src/manifest/manifest.js';
import { kubeletStallCheck } from '../../../../src/ops/check/checks/kubelet-stall.js';
import { failure, live, lookOf, minutesAgo, pod } from '../../../support/check-facts.js';
import { minimal } from '../../../support/clusters.js';

const node = (name: string, status = 'True'): LiveObject =>
  live('Node', name, { status: { conditions: [{ type: 'Ready', status }] } });
const readySince = (name: string, minutes: number): LiveObject =>
  live('Node', name, {
    status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: minutesAgo(minutes) }] },
  });
const NODES = [node('attic'), node('lamp')];

const assigned = (place: string, minutes: number, shape: Parameters<typeof pod>[1] = {}): LiveObject =>
  pod(place, {
    phase: 'Pending',
    ...shape,
    status: {
      conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: minutesAgo(minutes) }],
      ...shape.status,
    },
  });

const event = (of: LiveObject, component: string, fields: { readonly [key: string]: Json } = {}): LiveObject =>
  live('Event', `shop/${of.metadata.name}.1`, {
    involvedObject: { kind: 'Pod', uid: of.metadata.uid },
    reason: 'Pulling',
    source: { component },
    lastTimestamp: minutesAgo(1),
    ...fields,
  });

const answer = (pods: readonly LiveObject[], events: readonly LiveObject[] = [], nodes = NODES) =>
  kubeletStallCheck.answer(lookOf({ cluster: minimal() }, { pods, events, nodes }));

test('a Ready kubelet that does not begin with its pods, in silence, has stalled', () => {
  const pods = [assigned('shop/web-1', 3), assigned('shop/web-2', 2)];

  expect(answer(pods, [event(pods[0] ?? node('x'), 'default-scheduler', { reason: 'Scheduled' })])).toEqual([
    expect.objectContaining({
      verdict: 'fail',
      subject: 'node attic',
      expected: 'pods that its kubelet begins with within 1 minute',
      found:
        'for 3 min no start time and no event of shop/web-1 and shop/web-2, and the node is Ready: its kubelet does not see them',
      cause: { id: 'kubelet-stall', node: 'attic' },
      next: 'on attic: sudo systemctl restart k3s',
    }),
  ]);
});

test('a node that has just come back has not seen yet what was assigned while it was down', () => {
  const pods = [assigned('shop/web-1', 10)];

  expect(answer(pods, [], [readySince('attic', 0.9)])).toMatchObject([{ verdict: 'pass' }]);
  expect(answer(pods, [], [readySince('attic', 1.1)])).toMatchObject([{ verdict: 'fail' }]);
});

test('one that tells events and writes no status fails at writing: another cause', () => {
  const its = assigned('shop/web-1', 3);

  const [result] = answer([its], [event(its, 'kubelet')]);

  expect(result).toMatchObject({ verdict: 'fail', subject: 'node attic', cause: null });
  expect(result?.found).toMatch(/what it writes does not arrive$/);
  expect(result?.next).toContain('--only datastore');
});

test('of several pods those are named that their kubelet has told nothing of', () => {
  const [told, untold] = [assigned('shop/web-1', 3), assigned('shop/web-2', 2)];

  expect(answer([told, untold], [event(told, 'kubelet')])).toMatchObject([
    { cause: { id: 'kubelet-stall' }, found: expect.stringContaining('no event of shop/web-2, and the node is Ready') },
  ]);
});

test('a pod that was made for its node counts from when it was made', () => {
  const made = (minutes: number) =>
    pod('shop/web-1', { phase: 'Pending', metadata: { creationTimestamp: minutesAgo(minutes) } });

  expect(answer([made(0.9)])).toMatchObject([{ verdict: 'pass' }]);
  expect(answer([made(3)])).toMatchObject([
    { verdict: 'fail', found: expect.stringMatching(/^for 3 min no start time/) },
  ]);
});

test('each node is judged by itself', () => {
  const pods = [assigned('shop/web-1', 3), assigned('shop/web-2', 3, { node: 'lamp' })];

  expect(answer(pods).map(({ cause }) => cause?.node)).toEqual(['attic', 'lamp']);
});

test.each([
  ['a pod that its kubelet took over', assigned('shop/web-1', 9, { status: { startTime: minutesAgo(8) } })],
  ['a pod that was assigned just now', assigned('shop/web-1', 0.9)],
  ['a pod that nobody assigned', assigned('shop/web-1', 9, { node: null })],
  ['a pod that runs', pod('shop/web-1')],
  ['a mirror pod', assigned('shop/web-1', 9, { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } } })],
  ['a pod that is being deleted', assigned('shop/web-1', 9, { metadata: { deletionTimestamp: minutesAgo(1) } })],
  ['a pod of a node that is not there', assigned('shop/web-1', 9, { node: 'shed' })],
])('%s is no finding', (_, its) => {
  expect(answer([its]).map(({ verdict }) => verdict)).toEqual(['pass']);
});

test('a kubelet that does not answer at all is a finding about the node, not this one', () => {
  expect(answer([assigned('shop/web-1', 9)], [], [node('attic', 'Unknown')])[0]?.verdict).toBe('pass');
});

const late = assigned('shop/web-1', 9);

test.each([
  ['pods', { pods: failure('403'), nodes: NODES, events: [] }, undefined],
  ['nodes', { pods: [late], nodes: failure('403'), events: [] }, undefined],
  ['events while a pod waits', { pods: [late], nodes: NODES, events: failure('403') }, undefined],
  ['the time', { pods: [late], nodes: NODES, events: [] }, failure('no date')],
  ['an empty list of pods', { pods: [], nodes: NODES, events: [] }, undefined],
  ['an empty list of nodes', { pods: [late], nodes: [], events: [] }, undefined],
])('%s: unknown', (_, known, now) => {
  expect(
    kubeletStallCheck.answer(lookOf({ cluster: minimal(), ...(now && { now }) }, known)).map(({ verdict }) => verdict),
  ).toEqual(['unknown']);
});

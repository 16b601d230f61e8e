import { expect, test } from 'vitest';
import type { LiveObject } from '../../../../src/manifest/live-object.js';
import type { Json } from '../../../../src/manifest/manifest.js';
import { sandboxErrorsCheck } from '../../../../src/ops/check/checks/sandbox-errors.js';
import { failure, live, lookOf, minutesAgo, pod } from '../../../support/check-facts.js';
import { minimal } from '../../../support/clusters.js';

const RESERVED =
  'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to reserve sandbox name "web-1_shop_u_0": name "web-1_shop_u_0" is reserved for "c9a5"';

const waiting = (place: string, shape: Parameters<typeof pod>[1] = {}): LiveObject =>
  pod(place, { phase: 'Pending', ready: false, ...shape });

const event = (of: LiveObject, fields: { readonly [key: string]: Json } = {}): LiveObject =>
  live('Event', `${of.metadata.namespace}/${of.metadata.name}.1`, {
    involvedObject: { kind: 'Pod', uid: of.metadata.uid },
    reason: 'FailedCreatePodSandBox',
    message: RESERVED,
    source: { component: 'kubelet', host: 'attic' },
    count: 7,
    lastTimestamp: minutesAgo(2),
    ...fields,
  });

const answer = (pods: readonly LiveObject[], events: readonly LiveObject[]) =>
  sandboxErrorsCheck.answer(lookOf({ cluster: minimal() }, { pods, events }));

test('pods that are refused their sandbox name are RC-3 of their node, with how often and when', () => {
  const [one, two, other] = [waiting('shop/web-1'), waiting('shop/web-2'), waiting('shop/web-3', { node: 'lamp' })];

  const results = answer(
    [one, two, other],
    [event(one), event(two, { count: 3, lastTimestamp: minutesAgo(4) }), event(other, { count: 1 })],
  );

  expect(results.map(({ subject, cause, found }) => [subject, cause, found])).toEqual([
    [
      'node attic',
      { id: 'rc-3', node: 'attic' },
      'name is reserved for another, 10 times, the last 2 min ago: shop/web-1 and shop/web-2',
    ],
    ['node lamp', { id: 'rc-3', node: 'lamp' }, 'name is reserved for another, 1 time, the last 2 min ago: shop/web-3'],
  ]);
});

const one = waiting('shop/web-1');

test('an event that says no more than when it was made counts once, and from then', () => {
  const bare = { source: {}, reportingComponent: 'kubelet', count: null, lastTimestamp: null };

  expect(answer([one], [event(one, { ...bare, eventTime: minutesAgo(3) })])[0]?.found).toMatch(/1 time, .* 3 min ago/);
  expect(answer([one], [event(one, { ...bare, metadata: { creationTimestamp: minutesAgo(4) } })])[0]?.found).toMatch(
    /1 time, the last 4 min ago/,
  );
});

test('an event of the old form whose component is empty is of who reports it', () => {
  const its = event(one, { source: { component: '' }, reportingComponent: 'kubelet' });

  expect(answer([one], [its])[0]?.verdict).toBe('fail');
});

test('a series counts, and its own time', () => {
  const series = event(one, {
    source: {},
    reportingComponent: 'kubelet',
    count: 1,
    lastTimestamp: null,
    eventTime: minutesAgo(60),
    series: { count: 31, lastObservedTime: minutesAgo(1) },
  });

  expect(answer([one], [series])[0]?.found).toMatch(/31 times, the last 1 min ago/);
});

test.each([
  ['an error of another kind', [one], [event(one, { message: 'plugin type="calico" failed (add): no route' })]],
  ["a container's name that is reserved", [one], [event(one, { reason: 'Failed' })]],
  [
    'an event of something else than a pod',
    [one],
    [event(one, { involvedObject: { kind: 'Job', uid: one.metadata.uid } })],
  ],
  ['a pod that has no node', [waiting('shop/web-1', { node: null })], [event(one)]],
  ['an event of long ago', [one], [event(one, { lastTimestamp: minutesAgo(16) })]],
  ['a pod that runs by now', [pod('shop/web-1')], [event(one)]],
  ['a pod that has its address', [waiting('shop/web-1', { ip: '10.0.0.9' })], [event(one)]],
  ['a pod that is gone', [pod('shop/other')], [event(one)]],
  ['a pod of the same name that came after', [waiting('shop/web-1', { metadata: { uid: 'newer' } })], [event(one)]],
  [
    'a pod that is being deleted',
    [waiting('shop/web-1', { metadata: { deletionTimestamp: minutesAgo(1) } })],
    [event(one)],
  ],
  ['an event of somebody else', [one], [event(one, { source: { component: 'tester' } })]],
])('%s is no finding', (_, pods, events) => {
  expect(answer(pods, events).map(({ verdict }) => verdict)).toEqual(['pass']);
});

test('no event at all is an answer where no pod waits', () => {
  expect(answer([pod('shop/web-1')], [])[0]?.verdict).toBe('pass');
});

test.each([
  ['events', { pods: [one], events: failure('403') }, undefined],
  ['pods', { pods: failure('403'), events: [] }, undefined],
  ['the time', { pods: [one], events: [] }, failure('no date')],
  ['an empty list of pods', { pods: [], events: [] }, undefined],
])('%s: unknown', (_, known, now) => {
  expect(
    sandboxErrorsCheck.answer(lookOf({ cluster: minimal(), ...(now && { now }) }, known)).map(({ verdict }) => verdict),
  ).toEqual(['unknown']);
});

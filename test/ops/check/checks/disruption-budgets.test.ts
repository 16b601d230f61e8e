import { expect, test } from 'vitest';
import type { LiveObject } from '../../../../src/manifest/live-object.js';
import type { Json } from '../../../../src/manifest/manifest.js';
import { disruptionBudgetsCheck } from '../../../../src/ops/check/checks/disruption-budgets.js';
import { failure, live, lookOf, pod } from '../../../support/check-facts.js';
import { homelab, minimal } from '../../../support/clusters.js';

const LABELS = { app: 'web' };

const budget = (
  status: { readonly [key: string]: Json },
  spec: { readonly [key: string]: Json } = {},
  place = 'shop/web',
) =>
  live('PodDisruptionBudget', place, {
    spec: { selector: { matchLabels: LABELS }, ...spec },
    status: {
      observedGeneration: 1,
      disruptionsAllowed: 0,
      currentHealthy: 2,
      desiredHealthy: 2,
      expectedPods: 2,
      ...status,
    },
  });

const WEB = [pod('shop/web-1', { labels: LABELS }), pod('shop/web-2', { labels: LABELS, node: 'lamp' })];

const answer = (budgets: readonly LiveObject[], pods: readonly LiveObject[] = WEB, node: string | null = null) =>
  disruptionBudgetsCheck.answer(lookOf({ cluster: minimal(), node }, { budgets, pods }));

test('a budget that lets nobody go is named with its pods, their nodes and what to do', () => {
  expect(answer([budget({})])).toEqual([
    expect.objectContaining({
      verdict: 'fail',
      subject: 'PodDisruptionBudget shop/web',
      expected: 'room for one eviction',
      found:
        'disruptionsAllowed 0: 2 healthy, 2 needed, 2 counted: it never lets one go (shop/web-1 on attic and shop/web-2 on lamp)',
      next: 'give it one replica more, or ask it for less: kubectl -n shop edit poddisruptionbudget web',
      cause: null,
    }),
  ]);
});

test('only pods of the node that is to go down count', () => {
  expect(answer([budget({})], WEB, 'lamp')[0]?.found).toMatch(/\(shop\/web-2 on lamp\)$/);
  expect(answer([budget({})], WEB, 'shed')).toEqual([
    expect.objectContaining({
      verdict: 'pass',
      subject: 'drain of node shed',
      found: 'none of 1 disruption budget holds it',
    }),
  ]);
});

test('a budget that lacks healthy pods says so, for waiting helps there', () => {
  const [result] = answer([budget({ currentHealthy: 1 })]);

  expect(result?.found).toMatch(/1 healthy, 2 needed, 2 counted: pods that are not ready use it up/);
  expect(result?.next).toBe('kubectl -n shop get pods -o wide   # until 3 of its pods are Ready');
});

test('a budget that counts no pod and means some holds them for ever', () => {
  expect(answer([budget({ expectedPods: 0, currentHealthy: 0, desiredHealthy: 0 })])[0]?.found).toMatch(
    /no controller with a number of replicas owns its pods, so it never lets one go/,
  );
});

test('two budgets on one pod are refused by the eviction API, whatever they allow', () => {
  const [result, ...more] = answer([
    budget({ disruptionsAllowed: 1 }),
    budget({ disruptionsAllowed: 1 }, {}, 'shop/all'),
  ]);

  expect(more).toEqual([]);
  expect(result).toMatchObject({ verdict: 'fail', subject: 'PodDisruptionBudget shop/web and all' });
  expect(result?.found).toMatch(
    /^2 budgets: .*more than one PodDisruptionBudget \(shop\/web-1 on attic and shop\/web-2 on lamp\)$/,
  );
});

test('a budget that its controller cannot count is told with its message', () => {
  const conditions = [{ type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message: 'found no scale' }];

  expect(answer([budget({ conditions })])[0]).toMatchObject({ verdict: 'fail' });
  expect(answer([budget({ conditions })])[0]?.found).toMatch(/^SyncFailed: found no scale/);
});

test('a count that is of an older generation, or none, cannot be told', () => {
  const stale = live('PodDisruptionBudget', 'shop/web', {
    ...budget({ disruptionsAllowed: 1 }),
    metadata: { generation: 2 },
  });
  const uncounted = live('PodDisruptionBudget', 'shop/web', { spec: { selector: { matchLabels: LABELS } } });

  expect(answer([stale])[0]).toMatchObject({ verdict: 'unknown' });
  expect(answer([stale])[0]?.found).toMatch(/what was counted is of generation 1, and it is at 2/);
  expect(answer([uncounted])[0]).toMatchObject({ verdict: 'unknown' });
});

const sick = [pod('shop/web-1', { labels: LABELS, ready: false })];

test.each([
  [
    'AlwaysAllow lets a sick pod go whatever is counted',
    budget({ currentHealthy: 0 }, { unhealthyPodEvictionPolicy: 'AlwaysAllow' }),
    'pass',
  ],
  ['a sick pod goes where enough others are healthy', budget({ currentHealthy: 2 }), 'pass'],
  ['a sick pod stays where they are not', budget({ currentHealthy: 1 }), 'fail'],
])('%s', (_, its, verdict) => {
  expect(answer([its], sick)[0]?.verdict).toBe(verdict);
});

test.each([
  ['a budget with room', [budget({ disruptionsAllowed: 1 })], WEB],
  ['a budget of another namespace', [budget({}, {}, 'blog/web')], WEB],
  ['a budget without selector', [budget({}, { selector: null })], WEB],
  [
    'pods of a DaemonSet',
    [budget({})],
    [pod('shop/web-1', { labels: LABELS, metadata: { ownerReferences: [{ kind: 'DaemonSet', controller: true }] } })],
  ],
  [
    'a mirror pod',
    [budget({})],
    [pod('shop/web-1', { labels: LABELS, metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } } })],
  ],
  [
    'a pod that terminates',
    [budget({})],
    [pod('shop/web-1', { labels: LABELS, metadata: { deletionTimestamp: '2026-06-05T07:00:00Z' } })],
  ],
  ['a pod that has ended', [budget({})], [pod('shop/web-1', { labels: LABELS, phase: 'Succeeded' })]],
  [
    'a pod that has not begun',
    [budget({ currentHealthy: 1 })],
    [pod('shop/web-1', { labels: LABELS, phase: 'Pending', ready: false })],
  ],
  ['a pod without node', [budget({})], [pod('shop/web-1', { labels: LABELS, node: null })]],
])('%s holds nothing', (_, budgets, pods) => {
  expect(answer(budgets, pods).map(({ verdict }) => verdict)).toEqual(['pass']);
});

test('an empty selector means every pod of the namespace', () => {
  expect(answer([budget({}, { selector: {} })])[0]?.verdict).toBe('fail');
});

test("Longhorn's own budgets are left to the check of its volumes, where the description has Longhorn", () => {
  const labels = { 'longhorn.io/component': 'instance-manager' };
  const facts = {
    budgets: [budget({}, { selector: { matchLabels: labels } }, 'longhorn-system/instance-manager-1')],
    pods: [pod('longhorn-system/instance-manager-1', { labels })],
  };

  expect(disruptionBudgetsCheck.answer(lookOf({ cluster: homelab() }, facts))[0]?.verdict).toBe('pass');
  expect(disruptionBudgetsCheck.answer(lookOf({ cluster: minimal() }, facts))[0]?.verdict).toBe('fail');
});

test.each([
  ['pods', { pods: failure('403 on pods'), budgets: [] }, '403 on pods'],
  ['budgets', { pods: WEB, budgets: failure('403 on budgets') }, '403 on budgets'],
  ['no pods at all', { pods: [], budgets: [] }, 'the cluster reports no pod at all'],
])('%s that cannot be told are unknown', (_, known, found) => {
  expect(disruptionBudgetsCheck.answer(lookOf({ cluster: minimal() }, known))).toEqual([
    expect.objectContaining({ verdict: 'unknown', found }),
  ]);
});

import { expect, test } from 'vitest';
import type { LiveObject } from '../../../../src/manifest/live-object.js';
import type { Json } from '../../../../src/manifest/manifest.js';
import { jivaDeadlockCheck } from '../../../../src/ops/check/checks/jiva-deadlock.js';
import { failure, live, lookOf, minutesAgo, pod } from '../../../support/check-facts.js';
import { pvek8s } from '../../../support/clusters.js';

const labels = (component: 'jiva-controller' | 'jiva-replica', volume = 'pvc-1') => ({
  'openebs.io/cas-type': 'jiva',
  'openebs.io/component': component,
  'openebs.io/persistent-volume': volume,
});

interface Hang {
  readonly ended?: number;
  readonly ready?: boolean;
  readonly finalizers?: readonly string[];
}

const hanging = ({ ended, finalizers = [] }: Hang) => ({
  ownerReferences: [{ kind: 'ReplicaSet' }],
  ...(ended !== undefined && { deletionTimestamp: minutesAgo(ended) }),
  ...(finalizers.length > 0 && { finalizers }),
});

const controller = (hang: Hang = {}, node = 'k8s02', volume = 'pvc-1'): LiveObject =>
  pod(`openebs/${volume}-jiva-ctrl-abc`, { node, labels: labels('jiva-controller', volume), metadata: hanging(hang) });

const replica = (index: number, hang: Hang = {}): LiveObject =>
  pod(`openebs/pvc-1-jiva-rep-${index}`, {
    node: `k8s0${index}`,
    ip: `10.1.0.${index}`,
    ready: hang.ready ?? true,
    labels: labels('jiva-replica'),
    metadata: hanging(hang),
  });

const budget = (currentHealthy: number): LiveObject =>
  live('PodDisruptionBudget', 'openebs/pvc-1-pdb', {
    spec: { selector: { matchLabels: labels('jiva-replica') } },
    status: { currentHealthy, desiredHealthy: 2 },
  });

const volume = (modes: readonly string[]): LiveObject =>
  live('JivaVolume', 'openebs/pvc-1', {
    spec: { desiredReplicationFactor: 3 },
    status: { replicaStatus: modes.map((mode, index) => ({ address: `tcp://10.1.0.${index + 1}:9502`, mode })) },
  });

const NONE = failure('no such kind', 'unknown-kind');
const answer = (
  pods: readonly LiveObject[],
  budgets: readonly LiveObject[] = [],
  volumes: readonly LiveObject[] = [volume(['RW', 'RW', 'RW'])],
) =>
  jivaDeadlockCheck.answer(lookOf({ cluster: pvek8s() }, { pods, budgets, jivaVolumes: volumes, jivaVolumesV1: NONE }));

test('controllers that hang behind a budget which lacks pods are the deadlock, with the command that ends it', () => {
  const pods = [
    controller({ ended: 12 }),
    controller({ ended: 12 }, 'k8s02', 'pvc-2'),
    replica(1, { ready: false }),
    replica(2),
  ];

  expect(answer(pods, [budget(1)])).toEqual([
    expect.objectContaining({
      verdict: 'fail',
      subject: 'Jiva controllers on k8s02',
      found:
        'openebs/pvc-1-jiva-ctrl-abc and openebs/pvc-2-jiva-ctrl-abc (Terminating, 12 min past its grace); budget pvc-1-pdb needs 2 healthy pods and has 1',
      next: 'kubectl -n openebs delete pod pvc-1-jiva-ctrl-abc pvc-2-jiva-ctrl-abc --force --grace-period=0   # controllers only: they keep no data, and nothing gentler ends this',
      cause: { id: 'jiva-budget', node: 'k8s02' },
    }),
  ]);
});

test('controllers of two nodes are two findings', () => {
  const pods = [controller({ ended: 5 }), controller({ ended: 5 }, 'k8s03', 'pvc-2'), replica(1), replica(2)];

  expect(answer(pods, [budget(1)]).map(({ subject }) => subject)).toEqual([
    'Jiva controllers on k8s02',
    'Jiva controllers on k8s03',
  ]);
});

test.each([
  ['a budget that is met', [budget(2)]],
  [
    'the budget of another volume',
    [
      live('PodDisruptionBudget', 'openebs/pvc-9-pdb', {
        spec: { selector: { matchLabels: labels('jiva-replica', 'pvc-9') } },
        status: { currentHealthy: 0, desiredHealthy: 2 },
      }),
    ],
  ],
  ['no budget', []],
])('a controller that hangs beside %s is a symptom of something else', (_, budgets) => {
  const [result, ...more] = answer([controller({ ended: 5 }), replica(1)], budgets);

  expect(more).toEqual([]);
  expect(result).toMatchObject({ verdict: 'fail', cause: null });
  expect(result?.found).toMatch(/no disruption budget of theirs lacks a pod$/);
});

test('budgets that cannot be read leave the controllers a finding, and the cause open', () => {
  const [result] = jivaDeadlockCheck.answer(
    lookOf(
      { cluster: pvek8s() },
      { pods: [controller({ ended: 5 })], budgets: failure('403'), jivaVolumes: [], jivaVolumesV1: NONE },
    ),
  );

  expect(result).toMatchObject({ verdict: 'fail', cause: null });
  expect(result?.found).toMatch(/whether a budget lacks pods cannot be told: 403$/);
});

test('a finalizer is told, because a forced deletion does not pass it', () => {
  const [result] = answer([controller({ ended: 5, finalizers: ['example.com/held'] })], [budget(1)]);

  expect(result?.found).toContain('held by the finalizer example.com/held');
  expect(result?.next).toMatch(/; a finalizer has to be taken away besides$/);
});

test('a replica that hangs may go while another has the data, and only then', () => {
  const pods = [replica(1), replica(2), replica(3, { ended: 5 })];

  const [safe] = answer(pods);
  const [alone] = answer(pods, [], [volume(['WO', 'ERR', 'RW'])]);
  const [unknown] = answer(pods, [], []);

  expect(safe?.next).toMatch(
    /^kubectl -n openebs delete pod pvc-1-jiva-rep-3 --force --grace-period=0 {3}# only while another replica is healthy/,
  );
  expect(safe).toMatchObject({ verdict: 'fail', cause: null, subject: 'Jiva replica openebs/pvc-1-jiva-rep-3' });
  expect(alone?.next).toMatch(/^do NOT delete it by force, it may have the only good data/);
  expect(unknown?.next).toMatch(/^do NOT delete it by force: /);
  expect(unknown?.found).toMatch(/cannot be told: there is no JivaVolume pvc-1$/);
});

test('its own address does not count as another replica', () => {
  expect(
    answer([replica(3, { ended: 5 }), replica(1, { ready: false })], [], [volume(['RW', 'WO', 'RW'])])[0]?.next,
  ).toMatch(/^do NOT/);
});

test('provisioner pods without owner that stay are named by node', () => {
  const left = (node: string, more: { readonly [key: string]: Json } = {}) =>
    pod(`kube-system/hostpath-provisioner-${node}-x`, {
      node,
      phase: 'Pending',
      ready: false,
      metadata: { creationTimestamp: minutesAgo(30), ...more },
    });

  expect(answer([replica(1), left('k8s02')])).toEqual([
    expect.objectContaining({
      verdict: 'fail',
      subject: 'provisioner pods on k8s02',
      found: 'kube-system/hostpath-provisioner-k8s02-x (30 min old)',
      next: 'kubectl -n kube-system delete pod hostpath-provisioner-k8s02-x   # nobody else ever will',
      cause: { id: 'jiva-orphans', node: 'k8s02' },
    }),
  ]);
  expect(answer([replica(1), left('k8s02', { deletionTimestamp: minutesAgo(5) })])[0]?.next).toBe(
    'kubectl -n kube-system delete pod hostpath-provisioner-k8s02-x --force --grace-period=0',
  );
});

const helper = (name: string, created: number, more: { readonly [key: string]: Json } = {}, phase = 'Running') =>
  pod(name, { phase, metadata: { creationTimestamp: minutesAgo(created), ...more } });

test.each([
  ['a pod within its grace', [controller({ ended: -0.4 })]],
  ['a pod just past it', [controller({ ended: 0.5 })]],
  ['a helper that is still at work', [helper('openebs/init-pvc-7', 2)]],
  ['a helper that has ended', [helper('openebs/init-pvc-7', 200, {}, 'Succeeded')]],
  [
    'a provisioner with an owner',
    [helper('kube-system/hostpath-provisioner-7df-x', 9000, { ownerReferences: [{ kind: 'ReplicaSet' }] })],
  ],
  ['a pod of others', [helper('shop/pvc-report', 9000)]],
  ['a pod of others that hangs', [pod('shop/web-ctrl-1', { metadata: { deletionTimestamp: minutesAgo(60) } })]],
])('%s is nothing to report', (_, pods) => {
  expect(answer([replica(1), ...pods], [budget(1)]).map(({ verdict }) => verdict)).toEqual(['pass']);
});

test('names of the Jiva before its operator are known too', () => {
  const old = pod('openebs/pvc-5-ctrl-6f-x', { metadata: { deletionTimestamp: minutesAgo(9) } });

  expect(answer([old])[0]?.subject).toBe('Jiva controllers on attic');
});

test.each([
  ['pods', lookOf({ cluster: pvek8s() }, { pods: failure('403'), budgets: [], jivaVolumes: [], jivaVolumesV1: NONE })],
  [
    'the time',
    lookOf(
      { cluster: pvek8s(), now: failure('no date') },
      { pods: [replica(1)], budgets: [], jivaVolumes: [], jivaVolumesV1: NONE },
    ),
  ],
  [
    'no pod where Jiva should be',
    lookOf({ cluster: pvek8s() }, { pods: [pod('shop/web')], budgets: [], jivaVolumes: [], jivaVolumesV1: NONE }),
  ],
])('%s: unknown', (_, look) => {
  expect(jivaDeadlockCheck.answer(look).map(({ verdict }) => verdict)).toEqual(['unknown']);
});

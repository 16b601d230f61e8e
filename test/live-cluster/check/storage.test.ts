/**
 * Storage and budgets as a real API server has them: budgets that its own eviction API judges too, the deadlock of Jiva
 * on a node without kubelet, a Longhorn volume with one copy left, and events as a kubelet writes them.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gatherFacts } from '../../../src/commands/check-facts.js';
import { connect } from '../../../src/live/connect.js';
import type { KubeApi } from '../../../src/live/kube-api.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { disruptionBudgetsCheck } from '../../../src/ops/check/checks/disruption-budgets.js';
import { jivaDeadlockCheck } from '../../../src/ops/check/checks/jiva-deadlock.js';
import { jivaVolumesCheck } from '../../../src/ops/check/checks/jiva-volumes.js';
import { kubeletStallCheck } from '../../../src/ops/check/checks/kubelet-stall.js';
import { longhornVolumesCheck } from '../../../src/ops/check/checks/longhorn-volumes.js';
import { sandboxErrorsCheck } from '../../../src/ops/check/checks/sandbox-errors.js';
import type { CheckFacts, HealthCheck } from '../../../src/ops/check/facts.js';
import type { CheckResult } from '../../../src/ops/check/result.js';
import { parsed } from '../../support/clusters.js';
import { FULL_MICROK8S_SPEC } from '../../support/full-clusters.js';
import { type Bench, startBench } from '../bench/bench.js';
import { createAs, namespace } from '../world/create.js';

const cluster = parsed({ ...FULL_MICROK8S_SPEC, jiva: { namespace: 'openebs', replicas: 3 } });
const CHECKS = [
  disruptionBudgetsCheck,
  jivaDeadlockCheck,
  jivaVolumesCheck,
  longhornVolumesCheck,
  sandboxErrorsCheck,
  kubeletStallCheck,
];

/** Nobody plays the kubelet of `silent`: what is deleted there stays, and what is assigned never begins. */
const SILENT: Manifest = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'silent', labels: { 'kubernetes.io/hostname': 'silent' } },
};

type Fields = { readonly [key: string]: Json };

const container = { name: 'main', image: 'registry.k8s.io/pause:3.9' };

const workload = (
  kind: 'Deployment' | 'StatefulSet',
  place: string,
  labels: Readonly<Record<string, string>>,
  spec: Fields,
  pod: Fields,
): Manifest => {
  const [name = '', ns = ''] = place.split('/').toReversed();
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: ns },
    spec: {
      ...spec,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [container], ...pod } },
    },
  };
};

const budget = (place: string, labels: Readonly<Record<string, string>>, minAvailable: number): Manifest => {
  const [name = '', ns = ''] = place.split('/').toReversed();
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace: ns },
    spec: { minAvailable, selector: { matchLabels: labels } },
  };
};

const jivaLabels = (component: string) => ({
  'openebs.io/cas-type': 'jiva',
  'openebs.io/component': component,
  'openebs.io/persistent-volume': 'pvc-1',
});

/** As Jiva's operator makes them. */
const JIVA: readonly Manifest[] = [
  workload(
    'Deployment',
    'openebs/pvc-1-jiva-ctrl',
    jivaLabels('jiva-controller'),
    { replicas: 1, strategy: { type: 'Recreate' } },
    { nodeName: 'silent' },
  ),
  workload(
    'StatefulSet',
    'openebs/pvc-1-jiva-rep',
    jivaLabels('jiva-replica'),
    { replicas: 3, serviceName: 'jiva-replica-svc', podManagementPolicy: 'Parallel' },
    {
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { labelSelector: { matchLabels: jivaLabels('jiva-replica') }, topologyKey: 'kubernetes.io/hostname' },
          ],
        },
      },
    },
  ),
  budget('openebs/pvc-1-pdb', jivaLabels('jiva-replica'), 2),
];

/** Of each kind that an eviction tells apart. */
const SHOP: readonly Manifest[] = [
  workload('Deployment', 'shop/single', { app: 'single' }, { replicas: 1 }, { nodeName: 'attic' }),
  budget('shop/single', { app: 'single' }, 1),
  workload('Deployment', 'shop/roomy', { app: 'roomy' }, { replicas: 2 }, { nodeName: 'attic' }),
  budget('shop/roomy', { app: 'roomy' }, 1),
  workload('Deployment', 'shop/twice', { app: 'twice' }, { replicas: 2 }, { nodeName: 'attic' }),
  budget('shop/twice', { app: 'twice' }, 1),
  budget('shop/twice-again', { app: 'twice' }, 1),
  workload('Deployment', 'shop/free', { app: 'free' }, { replicas: 1 }, { nodeName: 'attic' }),
];

let bench: Bench;
let api: KubeApi;

beforeAll(async () => {
  bench = await startBench({
    nodes: [{ name: 'attic' }],
    crds: ['test/fixtures/storage-crds', 'test/fixtures/crds/settings.longhorn.io.yaml'],
  });
  api = connect({ context: 'bench', kubeconfig: bench.kubeconfig, timeout: { seconds: 30 }, environment: {} });
  const spaces = ['openebs', 'shop', 'longhorn-system', 'sick'];
  createAs(bench, 'bench', [SILENT, ...spaces.map((name) => namespace(name))]);
  await bench.until('each namespace has its ServiceAccount', () =>
    spaces.every((ns) => bench.get('serviceaccount', 'default', ns) !== undefined) ? true : undefined,
  );
  createAs(bench, 'bench', [...JIVA, ...SHOP]);
});
afterAll(async () => {
  api?.close();
  await bench?.close();
});

async function look(node: string | null, minutesLater = 0): Promise<CheckFacts> {
  const facts = await gatherFacts(api, {
    cluster,
    node,
    checks: CHECKS,
    nodes: api.list({ apiVersion: 'v1', kind: 'Node' }),
    render: () => Promise.resolve([]),
    timeout: { seconds: 30 },
  });
  if (!facts.now.ok) throw new Error(facts.now.failure.message);
  return { ...facts, now: { ok: true, value: facts.now.value + minutesLater * 60_000 } };
}

const ask = async (check: HealthCheck, node: string | null = null, minutesLater = 0): Promise<readonly CheckResult[]> =>
  check.answer(await look(node, minutesLater));

const patchStatus = async (path: string, status: Fields): Promise<void> => {
  const { status: code, text } = await bench.send('PATCH', `${path}/status?fieldValidation=Strict`, {
    body: JSON.stringify({ status }),
    type: 'application/merge-patch+json',
  });
  if (code !== 200) throw new Error(`${path}: ${code} ${text}`);
};

const names = (text: string): readonly string[] => text.split(' ').filter(Boolean);
const podsOf = (ns: string, selector: string): readonly string[] =>
  names(
    bench.kubectl([
      'get',
      'pods',
      `--namespace=${ns}`,
      `--selector=${selector}`,
      '--output=jsonpath={.items[*].metadata.name}',
    ]),
  );

/** What the eviction API itself says, without doing it. */
async function eviction(ns: string, name: string): Promise<number> {
  const body = JSON.stringify({
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace: ns },
    deleteOptions: { dryRun: ['All'] },
  });
  return (await bench.send('POST', `/api/v1/namespaces/${ns}/pods/${name}/eviction`, { body })).status;
}

test('a pod is held exactly where the eviction API refuses it', async () => {
  await bench.until('all budgets are counted', () => {
    const counts = bench.kubectl([
      'get',
      'pdb',
      '--namespace=shop',
      '--output=jsonpath={.items[*].status.currentHealthy}',
    ]);
    return counts === '2 1 2 2' ? true : undefined;
  });
  const results = await ask(disruptionBudgetsCheck, 'attic');
  const pods = names(bench.kubectl(['get', 'pods', '--namespace=shop', '--output=jsonpath={.items[*].metadata.name}']));
  const statuses = new Map(await Promise.all(pods.map(async (name) => [name, await eviction('shop', name)] as const)));

  const held = pods.filter((name) => results.some(({ found }) => found.includes(`shop/${name} on attic`)));
  expect(pods).toHaveLength(6);
  expect(new Set(statuses.values())).toEqual(new Set([201, 429, 500]));
  expect(held).toEqual(pods.filter((name) => statuses.get(name) !== 201));
  expect(
    results
      .filter(({ subject }) => subject.includes('shop/'))
      .map(({ subject }) => subject)
      .sort(),
  ).toEqual(['PodDisruptionBudget shop/single', 'PodDisruptionBudget shop/twice and twice-again']);
});

test("Jiva's deadlock is found with its cause, and the printed command ends it", async () => {
  const [controller = ''] = await bench.until('the controller is assigned', () => {
    const found = podsOf('openebs', 'openebs.io/component=jiva-controller');
    return found.length === 1 ? found : undefined;
  });
  await bench.until('one replica is Ready, and the budget asks for two', () =>
    bench.kubectl([
      'get',
      'pdb',
      'pvc-1-pdb',
      '--namespace=openebs',
      '--output=jsonpath={.status.currentHealthy}/{.status.desiredHealthy}',
    ]) === '1/2'
      ? true
      : undefined,
  );
  expect((await ask(jivaDeadlockCheck, null, 5)).map(({ verdict }) => verdict)).toEqual(['pass']);
  bench.kubectl(['delete', 'pod', controller, '--namespace=openebs', '--wait=false']);

  const [result, ...more] = await ask(jivaDeadlockCheck, null, 5);

  expect(more).toEqual([]);
  expect(result).toMatchObject({
    verdict: 'fail',
    subject: 'Jiva controllers on silent',
    cause: { id: 'jiva-budget', node: 'silent' },
  });
  expect(result?.found).toMatch(
    new RegExp(`^openebs/${controller} \\(Terminating, .*budget pvc-1-pdb needs 2 healthy pods and has 1$`),
  );

  const command = result?.next.split('   #')[0]?.split(' ') ?? [];
  expect(command.slice(0, 3)).toEqual(['kubectl', '-n', 'openebs']);
  bench.kubectl(command.slice(1));
  const [next] = await bench.until('the Deployment makes another', () => {
    const found = podsOf('openebs', 'openebs.io/component=jiva-controller');
    return found.length === 1 && found[0] !== controller ? found : undefined;
  });
  expect(next).not.toBe(controller);
  expect((await ask(jivaDeadlockCheck, null, 5)).map(({ verdict }) => verdict)).toEqual(['pass']);
});

test('a Jiva volume is read of its real pods, and without any JivaVolume nothing is told', async () => {
  expect((await ask(jivaVolumesCheck))[0]).toMatchObject({ verdict: 'unknown', subject: 'Jiva volumes in openebs' });
  const ready = await bench.until('a replica has an address', () => {
    const ip = bench.kubectl([
      'get',
      'pods',
      '--namespace=openebs',
      '--selector=openebs.io/component=jiva-replica',
      '--output=jsonpath={.items[?(@.status.phase=="Running")].status.podIP}',
    ]);
    return ip === '' ? undefined : ip;
  });
  const replicaStatus = [
    { address: `tcp://${ready}:9502`, mode: 'RW' },
    { address: 'tcp://192.0.2.99:9502', mode: 'ERR' },
  ];
  createAs(bench, 'jiva-operator', [
    {
      apiVersion: 'openebs.io/v1alpha1',
      kind: 'JivaVolume',
      metadata: { name: 'pvc-1', namespace: 'openebs' },
      spec: { pv: 'pvc-1', capacity: '4Gi', accessType: 'mount', desiredReplicationFactor: 3 },
      status: { status: 'RO', phase: 'Syncing', replicaCount: 2, replicaStatus },
    },
  ]);

  expect((await ask(jivaVolumesCheck))[0]).toMatchObject({
    verdict: 'fail',
    subject: 'JivaVolume openebs/pvc-1',
    found: '1 of 3, 2 of them a quorum; status RO',
  });
  expect((await ask(jivaVolumesCheck, 'attic'))[0]?.found).toBe('0 of 3, 2 of them a quorum; status RO');
});

test('a Longhorn volume whose only healthy replica is on the node keeps it up', async () => {
  const LONGHORN = '/apis/longhorn.io/v1beta2/namespaces/longhorn-system';
  const object = (kind: string, name: string, more: Fields): Manifest => ({
    apiVersion: 'longhorn.io/v1beta2',
    kind,
    metadata: { name, namespace: 'longhorn-system' },
    ...more,
  });
  const replica = (node: string, spec: Fields): Manifest =>
    object('Replica', `films-r-${node}`, {
      spec: { volumeName: 'films', nodeID: node, healthyAt: '2026-01-01T00:00:00Z', failedAt: '', ...spec },
    });
  expect((await ask(longhornVolumesCheck))[0]).toMatchObject({ verdict: 'unknown' });
  createAs(bench, 'longhorn-manager', [
    ...['attic', 'silent'].map((name) => object('Node', name, { spec: { allowScheduling: true } })),
    object('Setting', 'node-drain-policy', { value: 'block-if-contains-last-replica' }),
    object('Volume', 'films', { spec: { numberOfReplicas: 2, size: '1073741824' } }),
    object('Engine', 'films-e-0', { spec: { volumeName: 'films', nodeID: 'attic' } }),
    replica('attic', {}),
    replica('silent', { failedAt: '2026-06-01T00:00:00Z' }),
  ]);
  await patchStatus(`${LONGHORN}/volumes/films`, {
    state: 'attached',
    robustness: 'degraded',
    currentNodeID: 'attic',
    kubernetesStatus: {
      namespace: 'media',
      pvcName: 'films',
      lastPodRefAt: '',
      workloadsStatus: [{ podName: 'player-0' }],
    },
  });
  await patchStatus(`${LONGHORN}/engines/films-e-0`, {
    replicaModeMap: { 'films-r-attic': 'RW', 'films-r-silent': 'ERR' },
  });
  await patchStatus(`${LONGHORN}/replicas/films-r-attic`, { currentState: 'running' });
  await patchStatus(`${LONGHORN}/replicas/films-r-silent`, { currentState: 'stopped' });

  expect(await ask(longhornVolumesCheck, 'attic')).toEqual([
    expect.objectContaining({
      verdict: 'fail',
      subject: 'Volume longhorn-system/films (claim media/films)',
      found: 'the only one is on attic (attached)',
    }),
  ]);
  expect((await ask(longhornVolumesCheck, 'silent')).map(({ verdict }) => verdict)).toEqual(['pass']);
});

test('a refused sandbox name and a kubelet that sees nothing are two causes, each of its pods', async () => {
  const pod = (name: string): Manifest => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'sick' },
    spec: { nodeName: 'silent', containers: [container] },
  });
  createAs(bench, 'bench', [pod('refused'), pod('unseen')]);
  const refused = bench.get('pod', 'refused', 'sick');
  // In the form of the API that kubelets use.
  const lastTimestamp = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  createAs(bench, 'kubelet', [
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'refused.18a1', namespace: 'sick' },
      involvedObject: {
        apiVersion: 'v1',
        kind: 'Pod',
        name: 'refused',
        namespace: 'sick',
        uid: refused?.metadata.uid ?? '',
      },
      reason: 'FailedCreatePodSandBox',
      message:
        'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to reserve sandbox name "refused_sick_u_0": name "refused_sick_u_0" is reserved for "c9a5"',
      source: { component: 'kubelet', host: 'silent' },
      reportingComponent: 'kubelet',
      reportingInstance: 'silent',
      type: 'Warning',
      count: 4,
      firstTimestamp: lastTimestamp,
      lastTimestamp,
    },
  ]);
  await patchStatus('/api/v1/nodes/silent', {
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'KubeletReady',
        message: '',
        lastHeartbeatTime: lastTimestamp,
        lastTransitionTime: lastTimestamp,
      },
    ],
  });

  expect(await ask(sandboxErrorsCheck, null, 5)).toEqual([
    expect.objectContaining({
      verdict: 'fail',
      subject: 'node silent',
      cause: { id: 'rc-3', node: 'silent' },
      found: expect.stringMatching(/^name is reserved for another, 4 times, .*: sick\/refused$/),
    }),
  ]);
  const [stalled, ...more] = await ask(kubeletStallCheck, null, 5);
  expect(more).toEqual([]);
  expect(stalled).toMatchObject({
    verdict: 'fail',
    subject: 'node silent',
    cause: { id: 'kubelet-stall', node: 'silent' },
  });
  expect(stalled?.found).toContain('sick/unseen');
  expect(stalled?.found).not.toContain('sick/refused');
});

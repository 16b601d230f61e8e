/** What `selfheal check` says of a cluster as described, and of one fault after the other. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import pvek8sSpec from '../../../src/clusters/pvek8s.js';
import { at } from '../../../src/manifest/json.js';
import type { LiveObject } from '../../../src/manifest/live-object.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { UNTOUCHED, UNTOUCHED_WITH_CLAIM } from '../../../src/ops/check/thresholds.js';
import { pathOf } from '../bench/tools.js';
import { type Checked, DescribedCluster } from '../drift/described-cluster.js';
import { ago, rewrite } from '../support/etcd.js';
import type { Outcome } from '../support/hear.js';
import { createAs } from '../world/create.js';
import { pvek8sWorld } from '../world/pvek8s.js';

/** What needs no real host and no storage that is not there. */
const ANSWERABLE = [
  ...['nodes', 'cordons', 'lease-holders', 'scheduler-stall', 'coredns', 'node-bootstrap', 'applications'],
  'patch-ownership',
];
const LEASES = ['kube-scheduler', 'kube-controller-manager'] as const;

/** Nobody provisions it. */
const SLOW_STORAGE: readonly Manifest[] = [
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'slow' },
    provisioner: 'slow.example.com',
    volumeBindingMode: 'WaitForFirstConsumer',
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'slow', namespace: 'default' },
    spec: { storageClassName: 'slow', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
];

let described: DescribedCluster;
let bindingAtFirst: LiveObject | undefined;
const renewed = new Map<string, { readonly clock: number }>();
let renewing: NodeJS.Timeout | undefined;

beforeAll(async () => {
  described = await DescribedCluster.start({ spec: pvek8sSpec, world: pvek8sWorld });
  const { bench } = described;
  for (const name of LEASES) {
    await bench.send('POST', leasePath(), { body: JSON.stringify(lease(name)) });
    renewed.set(name, { clock: 0 });
  }
  renewing = setInterval(() => void renew(), 3_000);
  bench.kubectl(['apply', '-f', '-'], JSON.stringify(pod('impossible', { nodeSelector: { moon: 'dark' } })));
  await bench.until('the scheduler refused it', () =>
    at(bench.get('pod', 'impossible', 'default')?.status, 'conditions'),
  );
  createAs(bench, 'test', [
    ...SLOW_STORAGE,
    pod('binding', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'slow' } }] }),
  ]);
  await bench.until('the scheduler chose a node for its volume', () => {
    const claim = bench.get('persistentvolumeclaim', 'slow', 'default');
    return claim?.metadata.annotations?.['volume.kubernetes.io/selected-node'];
  });
  bindingAtFirst = bench.get('pod', 'binding', 'default');
  await bench.parts.stop('scheduler');
  bench.kubectl(['apply', '-f', '-'], JSON.stringify(pod('silent')));
}, 400_000);
afterAll(async () => {
  clearInterval(renewing);
  await described?.bench.close();
});

const leasePath = (name = ''): string =>
  `/apis/coordination.k8s.io/v1/namespaces/kube-system/leases${name === '' ? '' : `/${name}`}`;
const micro = (time: number): string => new Date(time).toISOString().replace('Z', '000Z');
const lease = (name: string): Manifest => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, namespace: 'kube-system' },
  spec: { holderIdentity: 'k8s02_4b1e', leaseDurationSeconds: 20, renewTime: micro(Date.now()) },
});

/** As a holder does whose clock is off by so much. */
async function renew(): Promise<void> {
  for (const [name, { clock }] of renewed) {
    const body = JSON.stringify({ spec: { renewTime: micro(Date.now() + clock) } });
    await described.bench.send('PATCH', leasePath(name), { body, type: 'application/merge-patch+json' });
  }
}

const pod = (name: string, spec: { readonly [key: string]: Json } = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }], ...spec },
});

/** It was made so long ago. */
async function age(name: string, milliseconds: number): Promise<void> {
  const found = described.bench.get('pod', name, 'default');
  if (found === undefined) throw new Error(`pod '${name}': expected it, got none`);
  const metadata = { ...found.metadata, creationTimestamp: ago(milliseconds) };
  await rewrite(described.bench, 'pods', { ...found, metadata });
}

const check = (args: readonly string[] = []): Promise<Outcome> => described.run('check', args);
const ask = (args: readonly string[] = [], kubeconfig?: string): Promise<Checked> =>
  described.checked(args, kubeconfig);

const only = (...ids: readonly string[]): readonly string[] => ids.map((id) => `--only=${id}`);

test('what can be told of a cluster as described passes, and what cannot is unknown', async () => {
  const { results } = await ask();
  const answered = await ask(only(...ANSWERABLE));

  expect(answered.results.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
  expect(answered.status).toBe(0);
  expect(results.filter(({ check: id, verdict }) => verdict === 'pass' && id.startsWith('host-'))).toEqual([]);
});

test.each(['k8s01', 'k8s02', 'k8s03'])('%s may go down, as far as can be told', async (node) => {
  expect((await ask([...only(...ANSWERABLE), '--node', node])).status).toBe(0);
});

test('to whoever may read nothing everything is unknown, with the reason', async () => {
  described.bench.kubectl(['create', 'serviceaccount', 'nobody', '--namespace=default']);
  const { results, status } = await ask([], described.bench.kubeconfigFor({ namespace: 'default', name: 'nobody' }));

  expect(results.filter(({ verdict }) => verdict !== 'unknown')).toEqual([]);
  expect(results.find(({ check: id }) => id === 'nodes')).toMatchObject({
    found: expect.stringMatching(/list Node: 403 .*cannot list resource "nodes"/),
    next: expect.stringContaining('--print-role'),
  });
  expect(status).toBe(2);
});

test('whoever has the printed rights is told what an administrator is told', async () => {
  const { stdout } = await check(['--print-role']);
  described.bench.kubectl(['apply', '-f', '-'], stdout);
  const config = JSON.parse(readFileSync(described.bench.kubeconfig, 'utf8'));
  for (const { user } of config.users) Object.assign(user, { as: 'reader', 'as-groups': ['selfheal-check'] });
  const file = join(described.bench.folder, 'kubeconfig-checker');
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  const verdicts = ({ results }: Checked) => results.map(({ check: id, subject, verdict }) => [id, subject, verdict]);

  const reader = await ask([], file);

  expect(verdicts(reader)).toEqual(verdicts(await ask()));
  expect(reader.results.filter(({ found }) => /\b403\b/.test(found))).toEqual([]);
});

test('a node that a person cordoned holds up another, and not itself', async () => {
  described.bench.kubectl(['cordon', 'k8s01']);
  const [health, itself, another] = [
    await ask(only('cordons')),
    await ask([...only('cordons'), '--node=k8s01']),
    await ask([...only('cordons'), '--node=k8s03']),
  ];
  described.bench.kubectl(['uncordon', 'k8s01']);

  expect(health.results).toMatchObject([{ verdict: 'fail', subject: 'node k8s01' }]);
  expect(itself.status).toBe(0);
  expect(another.status).toBe(1);
});

test('a holder whose clock is an hour behind renews its lease all the same', async () => {
  renewed.set('kube-scheduler', { clock: -3_600_000 });
  await sleep(5_000);

  expect(await ask(only('lease-holders'))).toMatchObject({ status: 0 });
});

test('a lease that nobody renews fails after its time, and the other one does not', async () => {
  renewed.delete('kube-controller-manager');
  const stale = described.bench.get('lease', 'kube-controller-manager', 'kube-system');
  if (stale === undefined) throw new Error('expected a lease, got none');
  const { managedFields = [], ...metadata } = stale.metadata;
  const times = managedFields.map((each) => ({ ...each, time: ago(31_000) }));
  await rewrite(described.bench, 'leases', { ...stale, metadata: { ...metadata, managedFields: times } });
  const { results } = await ask(only('lease-holders'));
  renewed.set('kube-controller-manager', { clock: 0 });

  expect(results.map(({ subject, verdict }) => `${verdict} ${subject}`)).toEqual([
    'pass Lease kube-system/kube-scheduler',
    'fail Lease kube-system/kube-controller-manager',
  ]);
});

test('500 pods more change nothing, and take what is printed', async () => {
  const ofPods = only('kubelet-stall', 'sandbox-errors', 'disruption-budgets', 'coredns');
  const before = await ask(ofPods);
  const pods = Array.from({ length: 500 }, (_, index) => pod(`many-${index}`, { nodeName: `k8s0${(index % 3) + 1}` }));
  described.bench.kubectl(
    ['apply', '--server-side', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: pods }),
  );
  const waiting = ['get', 'pods', '--namespace=default', '--field-selector=status.phase=Pending', '--output=name'];
  await described.bench.until('they run', () => !described.bench.kubectl(waiting).includes('many-') || undefined, 120);
  // As where the program is installed: what the description renders to is kept there.
  mkdirSync(join(described.bench.folder, 'description', 'node_modules'));
  await check();
  const taken: number[] = [];
  for (let run = 0; run < 5; run++) {
    const begun = performance.now();
    await check();
    taken.push(performance.now() - begun);
  }
  console.info(`500 pods: ${taken.map((ms) => `${Math.round(ms)} ms`).join(', ')}`);

  expect((await ask(ofPods)).results).toEqual(before.results);
}, 240_000);

test('CoreDNS on one node fails, and that node must not go down', async () => {
  const { bench } = described;
  await bench.parts.stop('argocd-controller');
  bench.kubectl(['scale', 'deployment', 'coredns', '-n', 'kube-system', '--replicas=1']);
  const health = await bench.until('one is left', async () => {
    const answer = await ask(only('coredns'));
    return answer.status === 1 ? answer : undefined;
  });
  const [, on = ''] = /ready on (\w+)$/.exec(health.results[0]?.found ?? '') ?? [];

  expect(health.results).toMatchObject([{ verdict: 'fail', expected: 'ready on 2 nodes' }]);
  expect((await ask([...only('coredns'), '--node', on])).status).toBe(1);
  expect((await ask([...only('coredns'), '--node', on === 'k8s01' ? 'k8s02' : 'k8s01'])).status).toBe(0);
});

/** As NRPE runs it on a host: with the rights that the description gives, and nothing else. */
function plugIn(): { readonly status: number | null; readonly stdout: string } {
  const kubeconfig = described.bench.kubeconfigFor({ namespace: 'kube-system', name: 'selfheal-checks' });
  const { status, stdout } = spawnSync('src/layers/checks/scripts/check_k8s_scheduler_stall.sh', {
    env: {
      PATH: process.env.PATH,
      HOME: described.bench.folder,
      CHECKS_SETTINGS_FILE: '/dev/null',
      CHECKS_KUBECTL: `${pathOf('kubectl')} --kubeconfig=${kubeconfig} --context=bench`,
      CHECKS_UNTOUCHED_SECONDS: `${UNTOUCHED.seconds}`,
      CHECKS_UNTOUCHED_WITH_CLAIM_SECONDS: `${UNTOUCHED_WITH_CLAIM.seconds}`,
    },
    encoding: 'utf8',
  });
  return { status, stdout };
}

test('a scheduler that renews its lease and schedules nothing is RC-1, and a pod that fits nowhere is not', async () => {
  const young = await ask(only('scheduler-stall'));
  // The scheduler has chosen its node, and written nothing of it to the pod.
  expect(at(bindingAtFirst?.status, 'conditions')).toBeUndefined();
  for (const name of ['impossible', 'binding']) await age(name, UNTOUCHED.seconds * 1_000 + 10_000);
  // The oldest is the example.
  await age('silent', UNTOUCHED.seconds * 1_000 + 20_000);
  const { results, diagnosis, status } = await ask(only('scheduler-stall'));

  expect(young.status).toBe(0);
  expect(results).toMatchObject([
    { verdict: 'fail', cause: { id: 'rc-1', node: 'k8s02' }, found: expect.stringMatching(/^1 .*: default\/silent;/) },
    { verdict: 'fail', cause: null, found: expect.stringMatching(/^1 looked at .*: default\/impossible; 0\/3 nodes/) },
  ]);
  expect(diagnosis.actions).toMatchObject([{ node: 'k8s02', command: 'sudo snap restart microk8s.daemon-kubelite' }]);
  expect(status).toBe(1);
  expect(plugIn()).toEqual({
    status: 2,
    stdout: expect.stringMatching(/e\.g\. default\/silent .*\(3 wait for a node\)/),
  });
});

test('a scheduler that is there again has looked at it, and the other pod is still no stall', async () => {
  const { bench } = described;
  await bench.parts.start('scheduler');
  await bench.until('it has a node', () => at(bench.get('pod', 'silent', 'default')?.spec, 'nodeName'));

  const { results, diagnosis } = await ask(only('scheduler-stall'));

  expect(results).toMatchObject([
    { verdict: 'pass', found: expect.stringMatching(/^1 with a node, and a volume .*: default\/binding$/) },
    { verdict: 'fail', cause: null, expected: 'a place for each pod' },
  ]);
  expect(diagnosis.causes).toEqual([]);
  expect(plugIn()).toEqual({ status: 0, stdout: expect.stringMatching(/^K8S_SCHEDULER OK - 0 pods .*\(2 wait/) });
});

test('and is one when the scheduler has had longer than it ever waits', async () => {
  const claim = described.bench.get('persistentvolumeclaim', 'slow', 'default');
  if (claim === undefined) throw new Error('expected a claim, got none');
  const long = UNTOUCHED_WITH_CLAIM.seconds * 1_000 + 10_000;
  await age('binding', long);
  const justChosen = await ask(only('scheduler-stall'));
  const { managedFields = [], ...metadata } = claim.metadata;
  const times = managedFields.map((each) => ({ ...each, time: ago(long) }));
  await rewrite(described.bench, 'persistentvolumeclaims', {
    ...claim,
    metadata: { ...metadata, managedFields: times },
  });

  expect(justChosen.diagnosis.causes).toEqual([]);
  expect((await ask(only('scheduler-stall'))).diagnosis.causes).toMatchObject([{ id: 'rc-1' }]);
  expect(plugIn()).toEqual({ status: 2, stdout: expect.stringMatching(/untouched=1;/) });
});

test('an API server that is gone is unknown', async () => {
  clearInterval(renewing);
  await described.bench.parts.stop('apiserver');
  const { results, status } = await ask(['--timeout=3s']);

  expect(results.filter(({ verdict }) => verdict !== 'unknown')).toEqual([]);
  expect(status).toBe(2);
});

/**
 * From "a kernel update is waiting" to three rebooted nodes with one command, as somebody does it who has the printed
 * rights and no others. MicroK8s on three simulated nodes; this test plays their hosts, which report what waits.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Microk8sClusterSpec } from '../../../src/cluster/spec.js';
import { textAt } from '../../../src/manifest/json.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import type { HostReport } from '../../../src/ops/check/host-report.js';
import { objectsOf, parsed } from '../../support/clusters.js';
import { type Bench, startBench } from '../bench/bench.js';
import { type KubeletLogs, serveKubeletLogs } from '../support/kubelet-logs.js';
import { installCalico } from '../world/calico.js';
import { nodesOf } from '../world/nodes.js';
import { type Played, playHosts } from './played.js';
import {
  CRDS,
  describeIn,
  everythingRuns,
  inStep,
  listed,
  NOTHING_LEFT,
  standing,
  startReboot,
  WORKLOADS,
} from './rolled.js';
import { masked } from './told.js';

const machine = {
  role: 'control-plane',
  timeZone: 'Europe/Vienna',
  architecture: 'amd64',
  board: 'generic',
  bootLoader: 'grub',
} as const;

const SPEC = {
  name: 'attic',
  distribution: 'microk8s',
  cni: 'calico',
  gitops: { repoUrl: 'https://git.example/me/attic.git' },
  nodes: {
    lamp: { ...machine, address: '192.0.2.10' },
    bulb: { ...machine, address: '192.0.2.11' },
    shade: { ...machine, address: '192.0.2.12' },
  },
  hosts: [{ nodes: ['lamp', 'bulb', 'shade'], sandboxCleanup: {} }],
  reboots: { settle: '1s' },
} as const satisfies Microk8sClusterSpec;

const NODES = ['lamp', 'bulb', 'shade'] as const;
const [OLD, NEW] = ['6.8.0-45-generic', '6.8.0-50-generic'];

let bench: Bench;
let hosts: Played;
let logs: KubeletLogs;
let clusters: string;
let operator: string;
let isWaiting: (node: string, bootId: string) => boolean = () => false;
const playing = new AbortController();
const played: Promise<void>[] = [];

beforeAll(async () => {
  bench = await startBench({ nodes: nodesOf(parsed(SPEC)), crds: CRDS });
  hosts = await playHosts(bench, NODES);
  logs = await serveKubeletLogs(bench, await boots());
  clusters = describeIn(bench, SPEC);
  bench.apply([...bootstrap(), ...inStep(SPEC), ...WORKLOADS, ...LEASES.map(lease)], { manager: 'operator' });
  installCalico(bench);
  played.push(again(report, 100), again(renew, 2_000));
  // Two of web and of CoreDNS; one a node of agent, calico-node and node-bootstrap.
  await everythingRuns(bench, 13);
  operator = await operatorOf();
}, 400_000);
afterAll(async () => {
  playing.abort();
  await Promise.all(played);
  await hosts?.end();
  await logs?.close();
  await bench?.close();
});

/** Until the end, whatever becomes of one. */
async function again(play: () => Promise<unknown>, everyMs: number): Promise<void> {
  while (!playing.signal.aborted) {
    await play().catch(() => undefined);
    await sleep(everyMs);
  }
}

const boots = async () =>
  (await listed(bench, '/api/v1/nodes')).map(({ metadata, status }) => ({
    node: metadata.name,
    bootId: textAt(status, 'nodeInfo', 'bootID') ?? '',
  }));

/** What is in kube-system; who syncs it is played by `inStep`. */
const bootstrap = (): readonly Manifest[] =>
  objectsOf(parsed(SPEC), 'node-bootstrap').filter(({ kind }) => kind === 'DaemonSet' || kind === 'ConfigMap');

/** Of who leads, and of each kubelet: whose clock they tell. */
const LEASES = [
  ...['kube-scheduler', 'kube-controller-manager'].map((name) => ({ name, namespace: 'kube-system', by: 'lamp_1f8c' })),
  ...NODES.map((name) => ({ name, namespace: 'kube-node-lease', by: name })),
];
const lease = ({ name, namespace, by }: (typeof LEASES)[number]): Manifest => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, namespace },
  spec: {
    holderIdentity: by,
    leaseDurationSeconds: 40,
    renewTime: new Date().toISOString().replace('Z', '000Z'),
  },
});

async function renew(): Promise<void> {
  for (const each of LEASES)
    await bench.send('PATCH', `/apis/coordination.k8s.io/v1/namespaces/${each.namespace}/leases/${each.name}`, {
      body: JSON.stringify({ spec: lease(each).spec }),
      type: 'application/merge-patch+json',
    });
}

/** As node-bootstrap's pods do, a little later than its host is up. */
async function report(): Promise<void> {
  for (const { node, bootId } of await boots()) {
    const waits = isWaiting(node, bootId);
    const told: HostReport = {
      ...{ report: 1, node, bootId, uptimeSeconds: 30, epochSeconds: Math.floor(Date.now() / 1_000) },
      ...{ clockSynchronized: true, clusterIpRules: 'present', calicoBeforeBoot: false, sandboxNamesReserved: 0 },
      ...{ datastore: { locked: 0, canceled: 1 }, watchdog: null },
      disks: [{ path: '/var/snap/microk8s/common', freePercent: 61, readOnly: false }],
      ...{ rebootRequired: waits, pending: waits ? ['reboot-required', 'kernel'] : [] },
      ...{ runningKernel: waits ? OLD : NEW, newestKernel: NEW },
      certificates: [{ path: '/var/snap/microk8s/current/certs/server.crt', daysLeft: 214 }],
    };
    logs.write(node, 'watch', [`${new Date().toISOString()} report ${JSON.stringify(told)}`]);
  }
}

/** The rights that `--print-role` prints, in the hands of somebody of that group. */
async function operatorOf(): Promise<string> {
  const { stdout } = await startReboot(bench, clusters, ['--print-role'], '/dev/null').ended;
  bench.kubectl(['apply', '-f', '-'], stdout);
  const config = JSON.parse(readFileSync(bench.kubeconfig, 'utf8'));
  for (const { user } of config.users) Object.assign(user, { as: 'ada', 'as-groups': ['selfheal-reboot'] });
  const file = join(bench.folder, 'kubeconfig-operator');
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

test('where no host waits nothing is done, and that is said', async () => {
  const plan = await startReboot(bench, clusters, [], operator).ended;
  const { status, stdout, stderr } = await startReboot(bench, clusters, ['--apply'], operator).ended;

  expect(plan.stdout, plan.stderr).toMatch(/^attic: .*\nno node waits for a reboot\nnothing has been changed\n$/);
  expect(plan.status).toBe(0);
  expect(stdout, stderr).toMatch(/^nothing to reboot\n/);
  expect(status).toBe(0);
  expect(hosts.rebooted).toEqual([]);
  expect(bench.get('lease', 'selfheal-reboot', 'kube-system')).toBeUndefined();
});

test('three hosts wait for a kernel: one command later they run it, and nothing waits', async () => {
  const before = new Map((await boots()).map(({ node, bootId }) => [node, bootId]));
  isWaiting = (node, bootId) => before.get(node) === bootId;
  await report();

  const plan = await startReboot(bench, clusters, [], operator).ended;
  const outcome = await startReboot(bench, clusters, ['--apply'], operator).ended;
  const after = await startReboot(bench, clusters, [], operator).ended;

  await expect(masked(plan)).toMatchFileSnapshot('golden/waiting-plan.txt');
  await expect(masked(outcome)).toMatchFileSnapshot('golden/waiting.txt');
  expect([plan.status, outcome.status, after.status]).toEqual([0, 0, 0]);
  // Each of them has the API server's address here, so none is to be last: as they are described.
  expect(hosts.rebooted).toEqual(NODES);
  expect(after.stdout).toContain('no node waits for a reboot\n');
  expect(await standing(bench)).toEqual(NOTHING_LEFT);
});

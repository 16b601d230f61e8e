/**
 * A cluster of many simulated nodes and pods, and what the verbs that look at it cost there: `scale-cluster.ts NODES PODS ROUNDS`.
 *
 * Prints a line of JSON for each thing that it measured. Its nodes' logs are served here, so nothing may block.
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Manifest } from '../../src/manifest/manifest.js';
import { type Bench, startBench } from '../../test/live-cluster/bench/bench.js';
import { startFaultyProxy } from '../../test/live-cluster/bench/faulty-proxy.js';
import { pathOf } from '../../test/live-cluster/bench/tools.js';
import { playHosts } from '../../test/live-cluster/reboot/played.js';
import { describeIn, listed } from '../../test/live-cluster/reboot/rolled.js';
import { hear } from '../../test/live-cluster/support/hear.js';
import { serveKubeletLogs } from '../../test/live-cluster/support/kubelet-logs.js';
import { createAs } from '../../test/live-cluster/world/create.js';
import { installK3sCoredns } from '../../test/live-cluster/world/k3s.js';
import { nodesOf } from '../../test/live-cluster/world/nodes.js';
import { MINIMAL_SPEC, objectsOf, parsed } from '../../test/support/clusters.js';
import { PROGRAM } from '../../test/support/program.js';

const [nodeCount = 100, podCount = 5_000, rounds = 3] = process.argv.slice(2).map(Number);
const REPLICAS = 10;
/** On every node, each: node-bootstrap and one of somebody's own. */
const DAEMONS = 2;

const { lamp } = MINIMAL_SPEC.nodes;
const agents = Array.from({ length: nodeCount - 1 }, (_, index) => `node-${String(index + 1).padStart(3, '0')}`);
const names = ['lamp', ...agents];
const SPEC = {
  ...MINIMAL_SPEC,
  nodes: {
    lamp,
    ...Object.fromEntries(
      agents.map((name, index) => [name, { ...lamp, role: 'agent', address: `198.18.0.${index + 1}` }]),
    ),
  },
  hosts: [{ nodes: ['lamp'] }, { nodes: agents, name: 'agents-bootstrap' }],
  dns: { replicas: 2 },
  reboots: { settle: '1s' },
};

/** Of the size that pods of charts have. */
const deployment = (index: number): Manifest => {
  const name = `app-${index}`;
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: `team-${index % 20}` },
    spec: {
      replicas: REPLICAS,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { 'checksum/config': 'c0ffee'.repeat(10) } },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name,
              image: `registry.example/team/${name}:1.2.3`,
              env: Array.from({ length: 12 }, (_, each) => ({ name: `SETTING_${each}`, value: `value of ${each}` })),
              resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
              readinessProbe: { httpGet: { path: '/healthy', port: 8080 } },
              securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
            },
          ],
        },
      },
    },
  };
};

const daemonSet: Manifest = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent', namespace: 'kube-system' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: {
      metadata: { labels: { app: 'agent' } },
      spec: {
        tolerations: [{ operator: 'Exists' }],
        containers: [{ name: 'agent', image: 'registry.example/agent:1' }],
      },
    },
  },
};

const say = (fields: object): void => console.log(JSON.stringify(fields));

interface Run {
  readonly status: number | null;
  readonly ms: number;
  /** Of a busy machine it says more than the time. */
  readonly cpuMs: number;
  readonly peakMiB: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The most memory that a Node program had, written by itself as it ends. */
const PEAK =
  "process.on('exit',()=>require('fs').writeFileSync(process.env.PEAK,String(process.resourceUsage().maxRSS)))";

/** Milliseconds of all programs that were run from here and have ended. */
function childrensCpu(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

async function run(bench: Bench, command: string, args: readonly string[]): Promise<Run> {
  const peak = join(bench.folder, 'peak');
  writeFileSync(peak, '0');
  const env = { PATH: process.env.PATH, HOME: bench.folder, SELFHEAL_BENCH: bench.folder, PEAK: peak };
  const [begun, before] = [performance.now(), childrensCpu()];
  const child = spawn(command, args, { env });
  const outcome = await hear(child).ended;
  return {
    ...{ ...outcome, ms: performance.now() - begun, cpuMs: childrensCpu() - before },
    peakMiB: Number(readFileSync(peak, 'utf8')) / 1_024,
  };
}

/** Every kubelet says that it is there. */
async function keepRenewing({ send }: Bench): Promise<NodeJS.Timeout> {
  const renew = async (): Promise<void> => {
    const renewTime = new Date().toISOString().replace('Z', '000Z');
    for (const name of names) {
      const lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name, namespace: 'kube-node-lease' },
        spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime },
      };
      const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${name}?fieldManager=kubelet&force=true`;
      await send('PATCH', path, { body: JSON.stringify(lease), type: 'application/apply-patch+yaml' });
    }
  };
  await renew();
  // One that is missed comes again.
  return setInterval(() => void renew().catch(() => undefined), 20_000);
}

const bench = await startBench({ nodes: nodesOf(parsed(SPEC)), crds: ['test/fixtures/crds'] });
try {
  const begun = performance.now();
  installK3sCoredns(bench, 'lamp');
  const all = objectsOf(parsed(SPEC));
  const isApplication = ({ kind }: Manifest): boolean => kind === 'Application';
  // Not validated here: a patch of a foreign object is no whole one.
  const how = ['--server-side', '--force-conflicts', '--field-manager=argocd-controller', '--validate=false'];
  const ours = all.filter((each) => !isApplication(each));
  bench.kubectl(['apply', ...how, '--filename=-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: ours }));
  const status = { sync: { status: 'Synced' }, health: { status: 'Healthy' } };
  createAs(bench, 'argocd-controller', [
    ...all.filter(isApplication).map((each) => ({ ...each, status })),
    ...Array.from({ length: 20 }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: `team-${index}` },
    })),
    daemonSet,
  ]);
  const deployments = Math.round((podCount - DAEMONS * nodeCount) / REPLICAS);
  // kubectl asks for a few of them a second.
  for (let first = 0; first < deployments; first += 20)
    await Promise.all(
      Array.from({ length: Math.min(20, deployments - first) }, async (_, index) => {
        const manifest = deployment(first + index);
        const path = `/apis/apps/v1/namespaces/${manifest.metadata.namespace}/deployments?fieldManager=helm`;
        const answer = await bench.send('POST', path, { body: JSON.stringify(manifest) });
        if (answer.status !== 201) throw new Error(`${path}: expected it made, got ${answer.status}: ${answer.text}`);
      }),
    );
  // Asked without listing them all: the server has enough to do.
  const first = async (query: string) => {
    const { text } = await bench.send('GET', `/api/v1/pods?limit=1${query}`);
    const { items = [], metadata } = JSON.parse(text);
    return items.length + (metadata?.remainingItemCount ?? 0);
  };
  await bench.until(
    'every pod runs',
    async () => {
      const [count, waiting] = [await first(''), await first('&fieldSelector=status.phase!=Running')];
      if (waiting > 0 || count < deployments * REPLICAS + DAEMONS * nodeCount) throw new Error(`${count} pods`);
      return true;
    },
    900,
  );
  const pods = await listed(bench, '/api/v1/pods');
  say({
    what: 'cluster',
    nodes: names.length,
    pods: pods.length,
    bytesOfPod: Math.round(Buffer.byteLength(JSON.stringify(pods)) / pods.length),
    seconds: Math.round((performance.now() - begun) / 1_000),
  });

  const address = new URL(bench.server).hostname.replace(/\.\d+$/, '');
  const logs = await serveKubeletLogs(
    bench,
    names.map((node, index) => ({ node, bootId: `boot-${index}`, address: `${address}.${1 + index}` })),
  );
  const hosts = await playHosts(bench, names, {
    booted: (node, bootId) => {
      const report = {
        ...{ report: 1, node, bootId, uptimeSeconds: 60, epochSeconds: Math.floor(Date.now() / 1_000) },
        ...{ clockSynchronized: true, clusterIpRules: 'present', calicoBeforeBoot: null, sandboxNamesReserved: 0 },
        ...{ datastore: { locked: 0, canceled: 0 }, watchdog: null, rebootRequired: false, pending: [] },
        disks: [{ path: '/var/lib/rancher', freePercent: 61, readOnly: false }],
        ...{ runningKernel: '6.8.0-60-generic', newestKernel: '6.8.0-60-generic' },
        certificates: [{ path: '/var/lib/rancher/k3s/server/tls/server.crt', daysLeft: 214 }],
      };
      logs.write(node, 'watch', [`${new Date().toISOString()} report ${JSON.stringify(report)}`]);
    },
  });
  const renewing = await keepRenewing(bench);
  const described = describeIn(bench, SPEC as never);
  const which = (kubeconfig = bench.kubeconfig) => [
    ...['--context', 'bench', '--kubeconfig', kubeconfig, '--clusters', described],
  ];
  const selfheal = (...words: readonly string[]) =>
    run(bench, process.execPath, ['--require', join(bench.folder, 'peak.cjs'), PROGRAM, ...words]);
  writeFileSync(join(bench.folder, 'peak.cjs'), PEAK);
  const get = ['--kubeconfig', bench.kubeconfig, 'get', 'pods', '--all-namespaces', '--output=json'];
  const ways: Readonly<Record<string, () => Promise<Run>>> = {
    'kubectl get pods': () => run(bench, pathOf('kubectl'), get),
    check: () => selfheal('check', '--timeout=1min', ...which()),
    'check --node': () => selfheal('check', '--timeout=1min', ...which(), '--node', 'node-050'),
    'reboot, the plan of one node': () => selfheal('reboot', ...which(), '--node', 'node-050'),
    'reboot, the plan of all': () => selfheal('reboot', ...which(), '--reason', 'a new kernel'),
  };
  for (let round = 0; round < rounds; round++)
    for (const [what, way] of Object.entries(ways)) {
      const { status, ms, cpuMs, peakMiB, stdout, stderr } = await way();
      if (status !== 0)
        console.error(`${what}: ended with ${status}\n${stdout.slice(0, 3_000)}\n${stderr.slice(0, 3_000)}`);
      say({ what, status, ms: Math.round(ms), cpuMs, peakMiB: Math.round(peakMiB) });
    }

  const proxy = await startFaultyProxy(bench);
  const through = which(proxy.kubeconfig(bench.kubeconfig));
  const counted = async (what: string, words: readonly string[]): Promise<Run> => {
    const before = proxy.requests.length;
    const outcome = await selfheal(...words, ...through);
    const asked = proxy.requests.slice(before);
    const writes = asked.filter(({ method }) => method !== 'GET').length;
    say({ what: `requests of ${what}`, all: asked.length, writes });
    return outcome;
  };
  await counted('check', ['check', '--timeout=1min']);
  await counted('reboot, the plan of one node', ['reboot', '--node', 'node-050']);
  const whole = 'the roll of one node';
  const {
    status: ended,
    ms,
    cpuMs,
    peakMiB,
    stdout,
    stderr,
  } = await counted(whole, [...['reboot', '--node', 'node-050', '--reason', 'a new kernel', '--apply']]);
  if (ended !== 0) console.error(`${whole}: ended with ${ended}\n${stdout}`);
  say({ what: whole, status: ended, ms: Math.round(ms), cpuMs, peakMiB: Math.round(peakMiB) });
  // Where its time went.
  console.error(
    stderr
      .split('\n')
      .filter((line) => /^ +[\d.]+ s {2}/.test(line) && !line.includes('evict'))
      .join('\n'),
  );
  await proxy.close();
  clearInterval(renewing);
  await hosts.end();
  await logs.close();
} finally {
  await bench.close();
}

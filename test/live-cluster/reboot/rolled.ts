/** A bench whose nodes are rolled, and `selfheal reboot` as an operator runs it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, listAt, textAt } from '../../../src/manifest/json.js';
import type { LiveObject } from '../../../src/manifest/live-object.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { MINIMAL_SPEC, objectsOf, parsed } from '../../support/clusters.js';
import { PROGRAM } from '../../support/program.js';
import type { Bench } from '../bench/bench.js';
import { hear, type Outcome } from '../support/hear.js';

/** Longer than any roll here may take, and shorter than a test. */
const LONGEST_MS = 120_000;

export const CRDS = ['test/fixtures/crds/applications.argoproj.io.yaml'];

const { lamp } = MINIMAL_SPEC.nodes;

/** An agent beside a server, with nothing described but short times. */
export const ATTIC = {
  ...MINIMAL_SPEC,
  nodes: { lamp, bulb: { ...lamp, role: 'agent', address: '192.0.2.8' } },
  reboots: { drainDeadline: '1min', bootDeadline: '2min', verifyDeadline: '2min', settle: '1s' },
};

/** The folder of a description of its own. */
export function describeIn(bench: Bench, spec: { readonly name: string }, folder = 'description'): string {
  const path = join(bench.folder, folder);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, `${spec.name}.json`), JSON.stringify(spec));
  return path;
}

/** As Argo CD leaves them when nothing is under way; none runs here. */
export const inStep = (spec: object = ATTIC): readonly Manifest[] =>
  objectsOf(parsed(spec))
    .filter(({ kind }) => kind === 'Application')
    .map((application) => ({ ...application, status: { sync: { status: 'Synced' }, health: { status: 'Healthy' } } }));

interface Run {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Of its pods. */
  readonly spec?: object;
}

const podOf = (name: string, labels: Readonly<Record<string, string>>, spec: object) => ({
  metadata: { labels },
  spec: {
    terminationGracePeriodSeconds: 1,
    // There is no pod network on a real node of the bench.
    hostNetwork: true,
    automountServiceAccountToken: false,
    containers: [
      {
        name,
        image: 'docker.io/library/alpine:3.21',
        command: ['/bin/sh', '-c', 'trap exit TERM; while :; do sleep 0.2; done'],
      },
    ],
    ...spec,
  },
});

export const daemonSet = (name: string, spec: object = {}): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name, namespace: 'default' },
  spec: { selector: { matchLabels: { app: name } }, template: podOf(name, { app: name }, spec) },
});

/** Its pods go apart where they can; `apart`: only so, as CoreDNS is described with two replicas. */
export function deployment(
  { name, namespace = 'default', labels = { app: name }, spec }: Run,
  replicas: number,
  apart = false,
): Manifest {
  const selector = { matchLabels: labels };
  const topologyKey = 'kubernetes.io/hostname';
  const spread = apart
    ? {
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: selector }],
          },
        },
      }
    : {
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: selector },
        ],
      };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { replicas, selector, template: podOf(name, labels, { ...spread, ...spec }) },
  };
}

/** Two replicas without any PodDisruptionBudget, and what the checks ask for. */
export const WORKLOADS: readonly Manifest[] = [
  deployment({ name: 'web' }, 2),
  deployment({ name: 'coredns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } }, 2, true),
  daemonSet('agent'),
];

export const isTrue = (object: LiveObject, type: string): boolean =>
  listAt(object, 'status', 'conditions').some(
    (condition) => at(condition, 'type') === type && at(condition, 'status') === 'True',
  );

export async function listed(bench: Bench, path: string): Promise<readonly LiveObject[]> {
  const { status, text } = await bench.send('GET', path);
  if (status !== 200) throw new Error(`${path}: expected 200, got ${status}: ${text}`);
  // What the API server says of its objects.
  return JSON.parse(text).items as LiveObject[];
}

/** Every pod runs, so many of them, and none is going. */
export async function everythingRuns(bench: Bench, pods: number): Promise<void> {
  await bench.until('every pod is ready', async () => {
    const all = await listed(bench, '/api/v1/pods');
    const bad = all.filter((pod) => !isTrue(pod, 'Ready') || pod.metadata.deletionTimestamp !== undefined);
    if (bad.length > 0 || all.length !== pods)
      throw new Error(`${all.length} pods, not ready: ${bad.map(({ metadata }) => metadata.name).join(', ')}`);
    return true;
  });
}

interface Standing {
  /** `bulb: cordoned, marked`; a node as it should be is not named. */
  readonly nodes: readonly string[];
  readonly jobs: readonly string[];
  /** Whoever holds the Lease; empty: nobody. */
  readonly holder: string;
}

/** All that a roll may leave in a cluster. */
export async function standing(bench: Bench): Promise<Standing> {
  const [nodes, jobs, leases] = await Promise.all([
    listed(bench, '/api/v1/nodes'),
    listed(bench, '/apis/batch/v1/namespaces/kube-system/jobs'),
    listed(bench, '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases'),
  ]);
  const lease = leases.find(({ metadata }) => metadata.name === 'selfheal-reboot');
  return {
    nodes: nodes.flatMap((node) => {
      const words = [
        ...(at(node, 'spec', 'unschedulable') === true ? ['cordoned'] : []),
        ...(node.metadata.annotations?.['selfheal.dev/reboot'] === undefined ? [] : ['marked']),
        ...listAt(node, 'spec', 'taints')
          .filter((taint) => textAt(taint, 'key') === 'selfheal.dev/planned-reboot')
          .map(() => 'tainted'),
      ];
      return words.length === 0 ? [] : [`${node.metadata.name}: ${words.join(', ')}`];
    }),
    jobs: jobs.map(({ metadata }) => metadata.name),
    holder: textAt(lease, 'spec', 'holderIdentity') ?? '',
  };
}

/** Of a roll of `bulb` and `lamp`, each kind. */
export const EACH_WRITE = [
  /^POST .*\/leases$/,
  /^PATCH .*\/nodes\/bulb$/,
  /^PATCH .*\/nodes\/lamp$/,
  /^POST .*\/eviction$/,
  /^POST .*\/jobs$/,
  /^DELETE .*\/jobs\//,
  /^PUT .*\/leases\/selfheal-reboot$/,
] as const;

export const NOTHING_LEFT: Standing = { nodes: [], jobs: [], holder: '' };

const LEASE = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/selfheal-reboot';

/** Its holder is dead: nobody has to wait for the whole of its 60 s. */
export async function shortenLease(bench: Bench): Promise<void> {
  const body = JSON.stringify({ spec: { leaseDurationSeconds: 1 } });
  const { status, text } = await bench.send('PATCH', LEASE, { body, type: 'application/merge-patch+json' });
  if (status !== 200) throw new Error(`${LEASE}: expected it taken, got ${status}: ${text}`);
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
  /** What it has said so far. */
  readonly said: () => string;
}

/** Not synchronous: what stands in the cluster is looked at meanwhile. */
export function startReboot(
  bench: Bench,
  clusters: string,
  args: readonly string[],
  kubeconfig = bench.kubeconfig,
  environment: Readonly<Record<string, string>> = {},
): Running {
  const words = ['reboot', '--context', 'bench', '--kubeconfig', kubeconfig, '--clusters', clusters, ...args];
  const env = { PATH: '', HOME: bench.folder, ...environment, SELFHEAL_BENCH: bench.folder };
  // One that does not end is ended, and shows what it said.
  const child = spawn(process.execPath, [PROGRAM, ...words], { env, timeout: LONGEST_MS, killSignal: 'SIGKILL' });
  return { child, ...hear(child) };
}

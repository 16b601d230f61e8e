/**
 * A real control plane and a real Argo CD on a loopback address of their own, with simulated nodes and a Git
 * repository, for one test file. Several run side by side.
 */
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { type Send, sendTo } from './api.js';
import { argoObjects, argoParts } from './argo.js';
import { type Certificates, makeCertificates } from './certificates.js';
import { controlPlane } from './control-plane.js';
import { type Kubectl, kubectlFor } from './kubectl.js';
import { keepProcesses, type Processes } from './processes.js';
import { makeRepository, type Repository } from './repository.js';
import { installDefinitions, seed } from './seed.js';
import { until } from './until.js';

/** Where the CRDs are that a bench begins with. */
const CRDS = 'test/fixtures/crds';

/** Without them Argo CD does not start. */
const ARGO_CRDS = ['applications', 'appprojects'].map((plural) => `${CRDS}/${plural}.argoproj.io.yaml`);

export interface BenchNode {
  readonly name: string;
  /** Who plays its kubelet. @default simulated, the only kind that there is: its pods run at once and do nothing */
  readonly kind?: 'simulated';
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
}

export interface BenchOptions {
  readonly nodes: readonly BenchNode[];
  /** @default false, and the cluster is up sooner */
  readonly argo?: boolean;
  /** Files and folders of custom resource definitions. @default test/fixtures/crds */
  readonly crds?: readonly string[];
  /** How often Argo CD looks at everything again. @default 10 */
  readonly resyncSeconds?: number;
  /**
   * For how long a node may be silent before it counts as down.
   *
   * @default 600: kwok speaks for its nodes once in fifty seconds, which is Kubernetes' own: some would be down now and then
   */
  readonly nodeGraceSeconds?: number;
}

export interface Bench extends Kubectl {
  /** A file; its context `bench` is an administrator. */
  readonly kubeconfig: string;
  readonly server: string;
  readonly port: number;
  readonly certificates: Certificates;
  /** Gone after `close`. */
  readonly folder: string;
  /** A request as administrator. */
  readonly send: Send;
  readonly repository: Repository;
  readonly parts: {
    /** Kills it: `etcd`, `apiserver`, `controller-manager`, `scheduler`, `kwok`, `redis`, `repo-server`, `argocd-controller`. */
    readonly stop: (name: string) => Promise<void>;
    /** Waits until it is ready, where that is the API server. */
    readonly start: (name: string) => Promise<void>;
    readonly log: (name: string) => string;
  };
  /** Argo CD looks at the Application again at once, and reads Git anew. */
  readonly refresh: (application: string) => void;
  /** Asks until there is an answer; fails with `what`, what was last thrown, and the parts that ended by themselves. */
  readonly until: typeof until;
  /** A file whose context `bench` is this ServiceAccount and nobody else. */
  readonly kubeconfigFor: (serviceAccount: { namespace: string; name: string }) => string;
  readonly close: () => Promise<void>;
}

export async function startBench(options: BenchOptions): Promise<Bench> {
  const processes = keepProcesses();
  try {
    return await start(options, processes);
  } catch (error) {
    await processes.close();
    throw error;
  }
}

async function start(options: BenchOptions, processes: Processes): Promise<Bench> {
  const { folder } = processes;
  // An address of its own out of four million: every bench can have the same ports.
  const address = `127.${randomInt(64, 128)}.${randomInt(256)}.${randomInt(1, 255)}`;
  const certificates = makeCertificates(folder, address);
  const { nodeGraceSeconds = 600 } = options;
  const plane = controlPlane({ folder, address, certificates, nodeGraceSeconds });
  const writeKubeconfig = (name: string, token: string): string => {
    const file = join(folder, name);
    writeFileSync(file, kubeconfigOf(plane.server, certificates.ca, token), { mode: 0o600 });
    return file;
  };
  const kubeconfig = writeKubeconfig('kubeconfig', plane.adminToken);
  const kubectl = kubectlFor({ kubeconfig, context: 'bench', folder });
  const send = sendTo(plane.server, { ca: certificates.ca, token: plane.adminToken });
  const untilHere: typeof until = async (what, look, seconds) => {
    try {
      return await until(what, look, seconds);
    } catch (error) {
      throw new Error([error instanceof Error ? error.message : error, ...processes.lost()].join('\n'), {
        cause: error,
      });
    }
  };
  const ready = (): Promise<number> =>
    untilHere('the API server is ready', async () => {
      const { status, text } = await send('GET', '/readyz');
      if (status !== 200) throw new Error(text);
      return status;
    });

  const argo = options.argo ? argoParts(folder, address, options.resyncSeconds ?? 10) : [];
  const parts = new Map([...plane.parts, ...argo].map((part) => [part.name, part]));
  const startPart = (name: string): void => {
    const part = parts.get(name);
    if (!part) throw new Error(`bench part '${name}': expected one of ${[...parts.keys()].join(', ')}`);
    processes.start(part);
  };

  const early = ['etcd', 'apiserver', 'redis', 'repo-server'];
  for (const name of early) if (parts.has(name)) startPart(name);
  const repository = makeRepository(folder);
  await ready();
  for (const name of ['controller-manager', 'scheduler', 'kwok']) startPart(name);
  await Promise.all([
    installDefinitions(send, [...(options.crds ?? [CRDS]), ...(options.argo ? ARGO_CRDS : [])], untilHere),
    seed(send, [...options.nodes.map(nodeOf), { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } }]),
  ]);
  if (options.argo) {
    await seed(send, argoObjects);
    startPart('argocd-controller');
  }

  return {
    ...kubectl,
    kubeconfig,
    server: plane.server,
    port: plane.port,
    certificates,
    folder,
    send,
    repository,
    parts: {
      stop: processes.stop,
      start: async (name) => {
        startPart(name);
        if (name === 'apiserver') await ready();
      },
      log: processes.log,
    },
    refresh: (application) => {
      const how = ['--namespace=argocd', '--overwrite', 'argocd.argoproj.io/refresh=hard'];
      kubectl.kubectl(['annotate', 'applications.argoproj.io', application, ...how]);
    },
    until: untilHere,
    kubeconfigFor: ({ namespace, name }) => {
      const token = kubectl.kubectl(['create', 'token', name, `--namespace=${namespace}`, '--duration=2h']).trim();
      return writeKubeconfig(`kubeconfig-${namespace}-${name}`, token);
    },
    close: processes.close,
  };
}

const kubeconfigOf = (server: string, ca: string, token: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'bench', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } },
    ],
    users: [{ name: 'user', user: { token } }],
    // Argo CD's controllers read their settings from the context's namespace.
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'user', namespace: 'argocd' } }],
    'current-context': 'bench',
  });

const nodeOf = ({ name, labels, taints }: BenchNode): Manifest => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name,
    labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64', ...labels },
    annotations: { 'kwok.x-k8s.io/node': 'fake' },
  },
  spec: { taints: (taints ?? []).map((taint) => ({ ...taint })) },
});

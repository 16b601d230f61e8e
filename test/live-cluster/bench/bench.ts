/**
 * A real control plane and a real Argo CD on a loopback address of their own, with simulated nodes and a Git
 * repository, for one test file. Several run side by side.
 */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LiveObject } from '../../../src/manifest/live-object.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { argoObjects, argoParts } from './argo.js';
import { makeCertificates } from './certificates.js';
import { controlPlane } from './control-plane.js';
import { keepProcesses } from './processes.js';
import { makeRepository, type Repository } from './repository.js';
import { pathOf } from './tools.js';

/** Where the CRDs are that a bench begins with. */
const CRDS = 'test/fixtures/crds';

export interface BenchNode {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
}

export interface BenchOptions {
  readonly nodes: readonly BenchNode[];
  /** @default false, and the cluster is up sooner */
  readonly argo?: boolean;
  /** Files of custom resource definitions. @default every one of test/fixtures/crds */
  readonly crds?: readonly string[];
  /** How often Argo CD looks at everything again. @default 10 */
  readonly resyncSeconds?: number;
}

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Bench {
  /** A file; its context `bench` is an administrator. */
  readonly kubeconfig: string;
  readonly server: string;
  readonly port: number;
  /** Of the authority that signed the API server's certificate. */
  readonly ca: string;
  readonly certificate: { readonly certificateFile: string; readonly keyFile: string };
  /** Gone after `close`. */
  readonly folder: string;
  /** Answers what kubectl prints; throws what it says when it fails. */
  readonly kubectl: (args: readonly string[], input?: string) => string;
  readonly run: (args: readonly string[], input?: string) => Outcome;
  /** As that field manager; server-side with force, or else as a plain `kubectl apply`. */
  readonly apply: (manifests: readonly Manifest[], how: { manager: string; serverSide?: boolean }) => void;
  readonly get: (kind: string, name: string, namespace?: string) => LiveObject | undefined;
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
  /** Asks until there is an answer; fails with `what` and what was last thrown. */
  readonly until: <T>(what: string, look: () => T | undefined | Promise<T | undefined>, seconds?: number) => Promise<T>;
  /** A file with a context `bench` that is this ServiceAccount and nobody else. */
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

async function start(options: BenchOptions, processes: ReturnType<typeof keepProcesses>): Promise<Bench> {
  const { folder } = processes;
  // An address of its own out of four million: every bench can have the same ports.
  const address = `127.${randomInt(64, 128)}.${randomInt(256)}.${randomInt(1, 255)}`;
  const certificates = makeCertificates(folder, address);
  const plane = controlPlane(folder, address, certificates);
  const writeKubeconfig = (name: string, token: string): string => {
    const file = join(folder, name);
    const data = Buffer.from(certificates.ca).toString('base64');
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'bench', cluster: { server: plane.server, 'certificate-authority-data': data } }],
      users: [{ name: 'user', user: { token } }],
      // Argo CD's controllers read their settings from the context's namespace.
      contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'user', namespace: 'argocd' } }],
      'current-context': 'bench',
    };
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    return file;
  };
  const kubeconfig = writeKubeconfig('kubeconfig', plane.adminToken);

  const run = (args: readonly string[], input?: string): Outcome => {
    const { status, stdout, stderr, error } = spawnSync(pathOf('kubectl'), args, {
      input,
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: 256 << 20,
      env: { PATH: process.env.PATH, HOME: folder, KUBECONFIG: kubeconfig, SELFHEAL_BENCH: folder },
    });
    if (error) throw new Error(`kubectl ${args.join(' ')}: ${error.message}`, { cause: error });
    return { status: status ?? 1, stdout, stderr };
  };
  const kubectl = (args: readonly string[], input?: string): string => {
    const { status, stdout, stderr } = run(args, input);
    if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ended with ${status}: ${stderr.trim()}`);
    return stdout;
  };
  const apply: Bench['apply'] = (manifests, { manager, serverSide = false }) => {
    const how = serverSide ? ['--server-side', '--force-conflicts'] : [];
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests });
    kubectl(['apply', ...how, `--field-manager=${manager}`, '--filename=-'], list);
  };
  const until: Bench['until'] = async (what, look, seconds = 60) => {
    const deadline = Date.now() + seconds * 1000;
    for (let last = 'no answer'; ; await delay(100)) {
      try {
        const found = await look();
        if (found !== undefined) return found;
        last = 'no answer';
      } catch (error) {
        last = error instanceof Error ? error.message : String(error);
      }
      if (Date.now() > deadline) {
        throw new Error([`gave up after ${seconds} s: ${what}: ${last}`, ...processes.lost()].join('\n'));
      }
    }
  };
  const ready = (): Promise<true> =>
    until('the API server is ready', () => answers(`${plane.server}/readyz`, certificates.ca, plane.adminToken));

  const argo = options.argo ? argoParts(folder, address, options.resyncSeconds ?? 10) : [];
  const parts = new Map([...plane.parts, ...argo].map((part) => [part.name, part]));
  const startPart = (name: string): void => {
    const part = parts.get(name);
    if (!part) throw new Error(`bench part '${name}': expected one of ${[...parts.keys()].join(', ')}`);
    processes.start(part);
  };

  for (const name of ['etcd', 'apiserver']) startPart(name);
  for (const name of ['redis', 'repo-server']) if (parts.has(name)) startPart(name);
  const repository = makeRepository(folder);
  await ready();
  for (const name of ['controller-manager', 'scheduler', 'kwok']) startPart(name);
  const crds = options.crds ?? [CRDS];
  if (crds.length > 0) {
    kubectl(['apply', '--server-side', ...crds.map((file) => `--filename=${file}`)]);
    kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'customresourcedefinitions', '--all']);
  }
  apply([...options.nodes.map(node), namespace('argocd')], { manager: 'bench', serverSide: true });
  if (options.argo) {
    apply(argoObjects, { manager: 'bench', serverSide: true });
    startPart('argocd-controller');
  }

  return {
    kubeconfig,
    server: plane.server,
    port: plane.port,
    ca: certificates.ca,
    certificate: certificates,
    folder,
    kubectl,
    run,
    apply,
    get: (kind, name, namespace) => {
      const where = namespace === undefined ? [] : [`--namespace=${namespace}`];
      const text = kubectl([
        'get',
        kind,
        name,
        ...where,
        '--ignore-not-found',
        '--output=json',
        '--show-managed-fields',
      ]);
      // What the API server prints of one object.
      return text === '' ? undefined : (JSON.parse(text) as LiveObject);
    },
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
      const annotation = 'argocd.argoproj.io/refresh=hard';
      kubectl(['annotate', 'applications.argoproj.io', application, '--namespace=argocd', '--overwrite', annotation]);
    },
    until,
    kubeconfigFor: ({ namespace, name }) => {
      const token = kubectl(['create', 'token', name, `--namespace=${namespace}`, '--duration=2h']).trim();
      return writeKubeconfig(`kubeconfig-${namespace}-${name}`, token);
    },
    close: processes.close,
  };
}

const namespace = (name: string): Manifest => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

const node = ({ name, labels, taints }: BenchNode): Manifest => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name,
    labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64', ...labels },
    annotations: { 'kwok.x-k8s.io/node': 'fake' },
  },
  spec: { taints: (taints ?? []).map((taint) => ({ ...taint })) },
});

/** True once it answers 200; nothing before. */
const answers = (url: string, ca: string, token: string): Promise<true | undefined> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { ca, headers: { authorization: `Bearer ${token}` }, timeout: 2000 }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve(true);
      else reject(new Error(`${url} answers ${response.statusCode}`));
    });
    asked.on('timeout', () => asked.destroy(new Error(`${url} does not answer`)));
    asked.on('error', reject);
    asked.end();
  });

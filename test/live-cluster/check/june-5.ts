/**
 * pvek8s as it was in the morning of June 5, on simulated nodes: each thing that was wrong, to be brought about alone or
 * with the others, and a cluster in which nothing is.
 *
 * Once everything runs, nobody plays kubelet or scheduler any more: what they wrote that morning is written here, as
 * they write it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pvek8sSpec from '../../../src/clusters/pvek8s.js';
import type { LiveObject } from '../../../src/manifest/live-object.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import type { HostReport } from '../../../src/ops/check/host-report.js';
import { DescribedCluster } from '../drift/described-cluster.js';
import { ago, restore, rewrite, type Snapshot, snapshot } from '../support/etcd.js';
import { type KubeletLogs, serveKubeletLogs } from '../support/kubelet-logs.js';
import { installCalico } from '../world/calico.js';
import { createAs, namespace } from '../world/create.js';
import { installJiva, podsOf, writeJivaStatus } from '../world/jiva.js';
import { pvek8sWorld } from '../world/pvek8s.js';

const NODES = ['k8s01', 'k8s02', 'k8s03'] as const;
/** Where everything was wrong that was. */
const SICK = 'k8s02';

/** Three names are of the report, three invented. */
const VOLUMES = ['05e03b60', '3c41d7aa', '7b90e2f4', 'a3a7e012', 'a634b9a3', 'd18c55e9'].map((id) => `pvc-${id}`);

const MINUTE = 60_000;
/** For which nothing was scheduled; a little more, so that it reads the same while a slow machine asks. */
const WAITED = 260 * MINUTE + 5_000;

/** What scenarios change, below etcd's names. */
const TOUCHED = [
  ...['pods', 'events', 'deployments', 'replicasets', 'poddisruptionbudgets'],
  ...['openebs.io/jivavolumes', 'argoproj.io/applications'],
].map((name) => `/registry/${name}/`);

type Fields = { readonly [key: string]: Json };

export class June5 {
  readonly #reports = new Map<string, Partial<HostReport>>();

  private constructor(
    readonly described: DescribedCluster,
    private readonly logs: KubeletLogs,
    private readonly healthy: Snapshot,
    private readonly renewing: { readonly end: () => Promise<void> },
  ) {}

  static async start(): Promise<June5> {
    const described = await DescribedCluster.start({
      spec: pvek8sSpec,
      world: (bench) => {
        createAs(bench, 'kubectl-create', [namespace('media')]);
        pvek8sWorld(bench);
        installCalico(bench);
      },
    });
    const { bench } = described;
    try {
      await installJiva(bench, { volumes: VOLUMES, controllersOn: SICK });
      await createLeases(described);
      for (const part of ['scheduler', 'kwok', 'argocd-controller']) await bench.parts.stop(part);
      const logs = await serveKubeletLogs(
        bench,
        NODES.map((node) => ({ node, bootId: bootOf(node) })),
      );
      for (const node of NODES) await readySince(described, node, ago(150 * MINUTE));
      // Each says by its own clock that it is there: kubelets, the scheduler, the controller manager.
      const renewing = keepRenewing(described);
      await sleep(2_000);
      const june = new June5(described, logs, await snapshot(bench, TOUCHED), renewing);
      june.#report();
      return june;
    } catch (error) {
      await bench.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.renewing.end();
    await this.logs.close();
    await this.described.bench.close();
  }

  /** Nothing is wrong any more. */
  async recover(): Promise<void> {
    this.#reports.clear();
    this.#report();
    await restore(this.described.bench, TOUCHED, this.healthy);
  }

  /** RC-1: the scheduler on k8s02 renews its lease, and nobody has looked at 46 pods. */
  async schedulerStalls(): Promise<void> {
    const names = Array.from({ length: 46 }, (_, index) => `app-${String(index + 1).padStart(2, '0')}`);
    await this.#pods(names.map((name) => pod(name)));
    await this.#age(names, WAITED);
  }

  /** RC-2: calico-node went on as before the boot, and no ClusterIP leads anywhere. */
  async rulesAreMissing(): Promise<void> {
    this.#report({ clusterIpRules: 'missing', calicoBeforeBoot: true });
    for (const volume of VOLUMES) {
      const found = this.described.bench.get('jivavolume', volume, 'openebs');
      const { replicaStatus = [] } = (found?.status ?? {}) as { readonly replicaStatus?: readonly Fields[] };
      await writeJivaStatus(this.described.bench, volume, {
        status: 'RO',
        phase: 'Syncing',
        replicaStatus: replicaStatus.map((each, index) => ({ ...each, mode: index === 0 ? 'RW' : 'ERR' })),
      });
    }
  }

  /** RC-3: containerd keeps names for sandboxes of before the boot. */
  async namesAreReserved(): Promise<void> {
    this.#report({ sandboxNamesReserved: 3 });
    const names = ['grafana-0', 'nextcloud-0', 'vaultwarden-0'];
    await this.#pods(names.map((name) => pod(name, SICK)));
    await this.#age(names, 20 * MINUTE, begun());
    await this.#events(names, 'FailedCreatePodSandBox', (name) => {
      const sandbox = `${name}_media_6f1c_1`;
      return `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to reserve sandbox name "${sandbox}": name "${sandbox}" is reserved for "1f8c0e5bd7a4"`;
    });
  }

  /** The kubelet does not see what the scheduler gave it. */
  async kubeletSeesNothing(): Promise<void> {
    const names = ['kubelet-test', 'paperless-0'];
    await this.#pods(names.map((name) => pod(name, SICK)));
    await this.#age(names, 15 * MINUTE + 5_000, { phase: 'Pending', conditions: [assigned()] });
  }

  /** dqlite answers "context canceled": the kubelet works, and what it writes of its pods does not arrive. */
  async datastoreCancels(): Promise<void> {
    this.#report({ datastore: { locked: 0, canceled: 212 } });
    const names = ['sabnzbd-0', 'transmission-0'];
    await this.#pods(names.map((name) => pod(name, SICK)));
    await this.#age(names, 15 * MINUTE + 5_000, { phase: 'Pending', conditions: [assigned()] });
    await this.#events(names, 'Pulling', () => 'Pulling image "registry.example/app:1"');
  }

  /** Six controllers do not end; without them no replica is Ready, and the budgets are not met. */
  async controllersHang(): Promise<void> {
    const { bench } = this.described;
    for (const replica of podsOf(bench, 'jiva-replica'))
      await this.#status(replica, {
        conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(MINUTE) }],
      });
    const controllers = podsOf(bench, 'jiva-controller').map(({ metadata }) => metadata.name);
    bench.kubectl(['delete', 'pod', '--namespace=openebs', '--wait=false', ...controllers]);
    // Their ReplicaSets have made others, for which the scheduler has no node.
    for (const each of podsOf(bench, 'jiva-controller').filter(({ metadata }) => controllers.includes(metadata.name)))
      await rewrite(bench, 'pods', {
        ...each,
        metadata: { ...each.metadata, deletionTimestamp: ago(105 * MINUTE + 5_000) },
      });
    // The operator empties what it knew where the controller does not answer.
    for (const volume of VOLUMES)
      await writeJivaStatus(bench, volume, { status: '', phase: 'Unknown', replicaStatus: null });
    const counts = [
      'get',
      'poddisruptionbudgets',
      '--namespace=openebs',
      '-o=jsonpath={.items[*].status.currentHealthy}',
    ];
    await bench.until('the budgets are counted', () =>
      bench.kubectl(counts) === VOLUMES.map(() => '0').join(' ') ? true : undefined,
    );
  }

  /** Pods of a provisioner that nobody owns. */
  async orphansStay(): Promise<void> {
    const names = ['4hx2v', '8fkqd', 'w9t6c'].map((end) => `hostpath-provisioner-${SICK}-${end}`);
    await this.#pods(names.map((name) => pod(name, SICK, 'kube-system')));
    await this.#age(names, 65 * MINUTE + 5_000, begun(), 'kube-system');
  }

  /** As it was before that day. */
  async oneCoredns(): Promise<void> {
    const { bench } = this.described;
    bench.kubectl(['scale', 'deployment', 'coredns', '--namespace=kube-system', '--replicas=1']);
    await bench.until('one of them ends', () =>
      bench
        .kubectl(['get', 'pods', '--namespace=kube-system', '-l=k8s-app=kube-dns', '-o=jsonpath={.items[*].metadata}'])
        .includes('deletionTimestamp')
        ? true
        : undefined,
    );
  }

  /** After 96 new certificates Argo CD trusted nobody, and could compare nothing. */
  async argoCdKnowsNothing(): Promise<void> {
    const { bench, applications } = this.described;
    const patch = JSON.stringify({ status: { sync: { status: 'Unknown' } } });
    for (const name of applications)
      bench.kubectl([
        'patch',
        'applications.argoproj.io',
        name,
        '--namespace=argocd',
        '--type=merge',
        `--patch=${patch}`,
      ]);
  }

  /** Of every host, and what is otherwise on the one. */
  #report(sick: Partial<HostReport> = {}): void {
    this.#reports.set(SICK, { ...this.#reports.get(SICK), ...sick });
    for (const node of NODES) {
      const report = JSON.stringify({ ...reportOf(node), ...this.#reports.get(node) });
      this.logs.write(node, 'watch', [
        `${new Date(Date.now() - 30_000).toISOString()} in step`,
        `${new Date(Date.now() - 20_000).toISOString()} report ${report}`,
      ]);
    }
  }

  async #pods(manifests: readonly Manifest[]): Promise<void> {
    this.described.bench.kubectl(
      ['create', '--filename=-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }),
    );
  }

  /** Made so long ago, and with this status. */
  async #age(names: readonly string[], milliseconds: number, status?: Fields, where = 'media'): Promise<void> {
    const { bench } = this.described;
    // What the API server prints of a list.
    const { items } = JSON.parse(bench.kubectl(['get', 'pods', `--namespace=${where}`, '--output=json'])) as {
      readonly items: readonly LiveObject[];
    };
    for (const each of items.filter(({ metadata }) => names.includes(metadata.name)))
      await rewrite(bench, 'pods', {
        ...each,
        metadata: { ...each.metadata, creationTimestamp: ago(milliseconds) },
        ...(status !== undefined && { status }),
      });
  }

  async #status({ metadata }: LiveObject, status: Fields): Promise<void> {
    const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/status`;
    const { status: code, text } = await this.described.bench.send('PATCH', path, {
      body: JSON.stringify({ status }),
      type: 'application/strategic-merge-patch+json',
    });
    if (code !== 200) throw new Error(`${path}: ${code} ${text}`);
  }

  /** In the form in which kubelets write them. */
  async #events(names: readonly string[], reason: string, say: (name: string) => string): Promise<void> {
    const { bench } = this.described;
    createAs(
      bench,
      'kubelet',
      names.map((name) => ({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: `${name}.18a1`, namespace: 'media' },
        involvedObject: {
          apiVersion: 'v1',
          kind: 'Pod',
          name,
          namespace: 'media',
          uid: bench.get('pod', name, 'media')?.metadata.uid ?? '',
        },
        reason,
        message: say(name),
        source: { component: 'kubelet', host: SICK },
        reportingComponent: 'kubelet',
        reportingInstance: SICK,
        type: reason === 'Pulling' ? 'Normal' : 'Warning',
        count: 12,
        firstTimestamp: ago(15 * MINUTE),
        lastTimestamp: ago(5 * MINUTE + 5_000),
      })),
    );
  }
}

const bootOf = (node: string): string => `00000000-0000-4000-8000-0000000000${node.slice(-2)}`;

/** Of a machine that was rebooted at six, and on which all is well. */
const reportOf = (node: string): HostReport => ({
  report: 1,
  node,
  bootId: bootOf(node),
  uptimeSeconds: 30,
  epochSeconds: Math.floor(Date.now() / 1_000) - 20,
  clockSynchronized: true,
  clusterIpRules: 'present',
  calicoBeforeBoot: false,
  sandboxNamesReserved: 0,
  datastore: { locked: 0, canceled: 1 },
  watchdog: null,
  disks: [{ path: '/var/snap/microk8s/common', freePercent: 61, readOnly: false }],
  rebootRequired: false,
  pending: [],
  runningKernel: '5.4.0-231-generic',
  newestKernel: '5.4.0-231-generic',
  certificates: [{ path: '/var/snap/microk8s/current/certs/server.crt', daysLeft: 214 }],
});

const pod = (name: string, nodeName?: string, where = 'media'): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: where },
  spec: {
    containers: [{ name: 'main', image: 'registry.example/app:1' }],
    ...(nodeName !== undefined && { nodeName }),
  },
});

/** Written by the scheduler. */
const assigned = (): Fields => ({
  type: 'PodScheduled',
  status: 'True',
  lastProbeTime: null,
  lastTransitionTime: ago(15 * MINUTE + 5_000),
});

/** Written by a kubelet that has begun with a pod and has no sandbox for it. */
const begun = (): Fields => ({
  phase: 'Pending',
  hostIP: '192.168.0.42',
  startTime: ago(15 * MINUTE),
  conditions: [
    { type: 'Initialized', status: 'True', lastProbeTime: null, lastTransitionTime: ago(15 * MINUTE) },
    {
      type: 'Ready',
      status: 'False',
      reason: 'ContainersNotReady',
      lastProbeTime: null,
      lastTransitionTime: ago(15 * MINUTE),
    },
    assigned(),
  ],
  containerStatuses: [
    {
      name: 'main',
      image: 'registry.example/app:1',
      imageID: '',
      ready: false,
      restartCount: 0,
      started: false,
      state: { waiting: { reason: 'ContainerCreating' } },
    },
  ],
});

const LEASES = [
  ...['kube-scheduler', 'kube-controller-manager'].map((name) => ({
    name,
    where: 'kube-system',
    holder: `${SICK}_4b1e`,
    lasts: 20,
  })),
  ...NODES.map((name) => ({ name, where: 'kube-node-lease', holder: name, lasts: 40 })),
];

const leasesIn = (where: string): string => `/apis/coordination.k8s.io/v1/namespaces/${where}/leases`;
const renewTime = (): string => new Date().toISOString().replace('Z', '000Z');

/** Since the boot of that morning. */
async function readySince({ bench }: DescribedCluster, node: string, lastTransitionTime: string): Promise<void> {
  const { status, text } = await bench.send('PATCH', `/api/v1/nodes/${node}/status`, {
    body: JSON.stringify({ status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime }] } }),
    type: 'application/strategic-merge-patch+json',
  });
  if (status !== 200) throw new Error(`status of node '${node}': ${status} ${text}`);
}

async function createLeases({ bench }: DescribedCluster): Promise<void> {
  createAs(
    bench,
    'kubelite',
    LEASES.map(({ name, where, holder, lasts }) => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: where },
      spec: { holderIdentity: holder, leaseDurationSeconds: lasts, renewTime: renewTime() },
    })),
  );
}

function keepRenewing(described: DescribedCluster): { readonly end: () => Promise<void> } {
  let last: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    last = last.then(() => renew(described));
  }, 3_000);
  return {
    end: () => {
      clearInterval(timer);
      return last;
    },
  };
}

async function renew({ bench }: DescribedCluster): Promise<void> {
  const body = JSON.stringify({ spec: { renewTime: renewTime() } });
  await Promise.all(
    LEASES.map(({ name, where }) =>
      bench.send('PATCH', `${leasesIn(where)}/${name}`, { body, type: 'application/merge-patch+json' }),
    ),
  );
}

/**
 * Three simulated nodes of MicroK8s, every one of them control plane: as described and in step, with Jiva and Longhorn
 * at work, workloads on their volumes, and hosts that report that a new kernel waits.
 */
import type { Manifest } from '../../../src/manifest/manifest.js';
import type { HostReport } from '../../../src/ops/check/host-report.js';
import { MINIMAL_SPEC, objectsOf, parsed } from '../../support/clusters.js';
import { type Bench, startBench } from '../bench/bench.js';
import { installDefinitions } from '../bench/seed.js';
import { type KubeletLogs, serveKubeletLogs } from '../support/kubelet-logs.js';
import { installCalico } from '../world/calico.js';
import { createAs } from '../world/create.js';
import { installJiva } from '../world/jiva.js';
import { type JivaVolumes, playJiva } from '../world/jiva-volumes.js';
import { type LonghornVolumes, playLonghorn } from '../world/longhorn-volumes.js';
import { enableDns } from '../world/microk8s.js';
import { nodesOf } from '../world/nodes.js';
import { type Played, playHosts } from './played.js';
import { describeIn, isTrue, listed, WORKLOADS } from './rolled.js';

export const NODES = ['bulb', 'lamp', 'lantern'] as const;

/** Who leads the control plane at first. */
const LEADER = 'lamp';

const machine = { ...MINIMAL_SPEC.nodes.lamp, role: 'control-plane' } as const;

const SPEC = {
  name: 'attic',
  distribution: 'microk8s',
  cni: 'calico',
  gitops: MINIMAL_SPEC.gitops,
  nodes: Object.fromEntries(NODES.map((name, index) => [name, { ...machine, address: `192.0.2.${7 + index}` }])),
  hosts: [{ nodes: NODES }],
  dns: { replicas: 2 },
  longhorn: { version: '1.11.3', backupTarget: { kind: 'none' } },
  jiva: { namespace: 'openebs', replicas: 3 },
  reboots: { drainDeadline: '1min', bootDeadline: '1min', verifyDeadline: '1min', settle: '1s' },
};

/** Whoever asks does not wait long for what does not come. */
const HASTY = { ...SPEC, reboots: { ...SPEC.reboots, verifyDeadline: '10s' } };

const FILMS = { name: 'pvc-films', user: 'films', nodes: NODES };
const NOTES = { name: 'pvc-notes', user: 'notes', nodes: ['bulb', 'lantern'] };
const JIVA = ['pvc-letters', 'pvc-photos'];

export class Microk8sCluster {
  private constructor(
    readonly bench: Bench,
    readonly hosts: Played,
    readonly longhorn: LonghornVolumes,
    readonly jiva: JivaVolumes,
    readonly described: string,
    readonly hasty: string,
    private readonly logs: KubeletLogs,
    private readonly renewing: NodeJS.Timeout,
  ) {}

  static async start(): Promise<Microk8sCluster> {
    const cluster = parsed(SPEC);
    const bench = await startBench({ nodes: nodesOf(cluster) });
    try {
      await installDefinitions(bench.send, ['test/fixtures/storage-crds'], bench.until);
      enableDns(bench);
      installCalico(bench);
      createAs(bench, 'kubectl-create', [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'openebs' } }]);
      await everyNodeRuns(bench);
      const [ours, applications] = split(objectsOf(cluster));
      const longhorn = await playLonghorn(bench, NODES, [FILMS, NOTES]);
      bench.apply(ours, { manager: 'argocd-controller', serverSide: true });
      const web = WORKLOADS.filter(({ metadata }) => metadata.name === 'web');
      bench.apply([...applications, ...[FILMS, NOTES].flatMap(userOf), ...web], { manager: 'operator' });
      await installJiva(bench, { volumes: JIVA, controllersOn: null });
      const jiva = await playJiva(bench, JIVA);
      const logs = await serveKubeletLogs(
        bench,
        NODES.map((node, index) => ({ ...kubeletOf(bench, index), node })),
      );
      const booted = new Set<string>();
      const hosts = await playHosts(bench, NODES, {
        booted: (node, bootId) => {
          report(logs, node, bootId, !booted.has(node));
          booted.add(node);
        },
      });
      const renewing = keepRenewing(bench);
      const described = describeIn(bench, SPEC as never);
      const hasty = describeIn(bench, HASTY as never, 'hasty');
      return new Microk8sCluster(bench, hosts, longhorn, jiva, described, hasty, logs, renewing);
    } catch (error) {
      await bench.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.renewing);
    await Promise.all([this.hosts.end(), this.longhorn.end(), this.jiva.end(), this.logs.close()]);
    await this.bench.close();
  }
}

/** What Argo CD would have applied, and its Applications as it leaves them when nothing is under way. */
function split(all: readonly Manifest[]): readonly [readonly Manifest[], readonly Manifest[]] {
  return [
    all.filter(({ kind }) => kind !== 'Application'),
    all
      .filter(({ kind }) => kind === 'Application')
      .map((each) => ({ ...each, status: { sync: { status: 'Synced' }, health: { status: 'Healthy' } } })),
  ];
}

/** The one pod that uses a volume of Longhorn, with its claim. */
const userOf = ({ name, user }: { readonly name: string; readonly user: string }): readonly Manifest[] => [
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'longhorn',
      persistentVolumeReclaimPolicy: 'Retain',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace: 'default' },
      csi: { driver: 'driver.longhorn.io', volumeHandle: name },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default' },
    spec: {
      volumeName: name,
      storageClassName: 'longhorn',
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: user, namespace: 'default' },
    spec: {
      replicas: 1,
      serviceName: user,
      selector: { matchLabels: { app: user } },
      template: {
        metadata: { labels: { app: user } },
        spec: {
          terminationGracePeriodSeconds: 1,
          automountServiceAccountToken: false,
          containers: [{ name: user, image: 'docker.io/library/alpine:3.21' }],
          volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }],
        },
      },
    },
  },
];

/** Each kubelet at an address of its own: whoever asks the API server asks none of them. */
function kubeletOf(bench: Bench, index: number) {
  const [first, second, third, last] = new URL(bench.server).hostname.split('.');
  return {
    address: [first, second, third, 1 + ((Number(last) + index) % 254)].join('.'),
    bootId: `00000000-0000-4000-8000-00000000000${index}`,
  };
}

function report(logs: KubeletLogs, node: string, bootId: string, isOld: boolean): void {
  const text: HostReport = {
    ...{ report: 1, node, bootId, uptimeSeconds: 60, epochSeconds: Math.floor(Date.now() / 1_000) },
    ...{ clockSynchronized: true, clusterIpRules: 'present', calicoBeforeBoot: false, sandboxNamesReserved: 0 },
    ...{ datastore: { locked: 0, canceled: 0 }, watchdog: null, rebootRequired: isOld },
    disks: [{ path: '/var/snap/microk8s/common', freePercent: 61, readOnly: false }],
    pending: isOld ? ['kernel'] : [],
    ...{ runningKernel: isOld ? '6.8.0-51-generic' : '6.8.0-60-generic', newestKernel: '6.8.0-60-generic' },
    certificates: [{ path: '/var/snap/microk8s/current/certs/server.crt', daysLeft: 214 }],
  };
  logs.write(node, 'watch', [`${new Date().toISOString()} report ${JSON.stringify(text)}`]);
}

const LEASES: readonly (readonly [string, string, string])[] = [
  ['kube-system', 'kube-scheduler', `${LEADER}_4b1e`],
  ['kube-system', 'kube-controller-manager', `${LEADER}_77c0`],
  ...NODES.map((name) => ['kube-node-lease', name, name] as const),
];

/** Who leads, and every kubelet, says that it is there. */
function keepRenewing(bench: Bench): NodeJS.Timeout {
  const renewTime = (): string => new Date().toISOString().replace('Z', '000Z');
  createAs(
    bench,
    'kubelite',
    LEASES.map(([namespace, name, holderIdentity]) => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace },
      spec: { holderIdentity, leaseDurationSeconds: 40, renewTime: renewTime() },
    })),
  );
  return setInterval(() => {
    const body = JSON.stringify({ spec: { renewTime: renewTime() } });
    for (const [namespace, name] of LEASES) {
      const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`;
      // One that is missed comes again.
      bench.send('PATCH', path, { body, type: 'application/merge-patch+json' }).catch(() => undefined);
    }
  }, 3_000);
}

const everyNodeRuns = (bench: Bench): Promise<true> =>
  bench.until('every node is Ready', async () => {
    const nodes = await listed(bench, '/api/v1/nodes');
    return nodes.length === NODES.length && nodes.every((node) => isTrue(node, 'Ready')) ? true : undefined;
  });

/** Nothing is on its way, and every pod of a workload is Ready. */
export const everythingIsReady = (bench: Bench): Promise<true> =>
  bench.until('every pod is Ready', async () => {
    const pods = await listed(bench, '/api/v1/pods');
    const bad = pods.filter((pod) => !isTrue(pod, 'Ready') || pod.metadata.deletionTimestamp !== undefined);
    if (bad.length > 0) throw new Error(bad.map(({ metadata }) => metadata.name).join(', '));
    return pods.length > 0 ? true : undefined;
  });

/**
 * Longhorn's manager as far as a drained node sees it: replicas that are away with their node and are rebuilt some time
 * after it is back, and a budget on each instance manager that goes only when nothing is attached to its node.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { at, textAt } from '../../../src/manifest/json.js';
import type { LiveObject } from '../../../src/manifest/live-object.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import type { Bench } from '../bench/bench.js';
import { createAs } from './create.js';

const NAMESPACE = 'longhorn-system';
const MANAGER = 'longhorn-manager';
const COMPONENT = 'longhorn.io/component';
const NODE = 'longhorn.io/node';

export interface LonghornVolumes {
  /** The most replicas of one volume that were away at once, seen at every look. */
  readonly mostAway: () => number;
  /** A replica of this one is not rebuilt when its node is back; null: all are. */
  readonly hold: (volume: string | null) => void;
  readonly end: () => Promise<void>;
}

interface Volume {
  readonly name: string;
  /** The StatefulSet in namespace `default` whose one pod uses it. */
  readonly user: string;
  /** Each has a replica. */
  readonly nodes: readonly string[];
}

type Fields = { readonly [key: string]: Json };

interface Replica {
  readonly volume: Volume;
  readonly node: string;
  mode: 'RW' | 'WO' | 'ERR';
  since: number;
}

/** How long Longhorn looks at a replica that is back before it begins, and how long a rebuild takes. */
const PAUSE_MS = 600;
const REBUILD_MS = 1_500;
const TICK_MS = 100;

const INSTANCE_MANAGERS: Manifest = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'instancemanagers.longhorn.io' },
  spec: {
    group: 'longhorn.io',
    scope: 'Namespaced',
    names: { kind: 'InstanceManager', plural: 'instancemanagers', singular: 'instancemanager' },
    versions: [
      {
        name: 'v1beta2',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

const object = (kind: string, name: string, more: Fields = {}): Manifest => ({
  apiVersion: 'longhorn.io/v1beta2',
  kind,
  metadata: { name, namespace: NAMESPACE },
  ...more,
});

const managerOf = (node: string): string => `instance-manager-${node}`;
const labelsOf = (node: string) => ({ [COMPONENT]: 'instance-manager', [NODE]: node });
const nameOf = ({ volume, node }: Replica): string => `${volume.name}-r-${node}`;
const now = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

const budgetOf = (node: string): Manifest => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: managerOf(node), namespace: NAMESPACE },
  spec: { minAvailable: 1, selector: { matchLabels: labelsOf(node) } },
});

const podOf = (node: string, owner: LiveObject): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: managerOf(node),
    namespace: NAMESPACE,
    labels: labelsOf(node),
    ownerReferences: [
      {
        apiVersion: 'longhorn.io/v1beta2',
        kind: 'InstanceManager',
        name: owner.metadata.name,
        uid: owner.metadata.uid,
        controller: true,
      },
    ],
  },
  spec: {
    // Longhorn's own way: a cordon does not keep it away, and it looks at that itself.
    nodeName: node,
    priorityClassName: 'longhorn-critical',
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'instance-manager', image: 'longhornio/longhorn-instance-manager:v1.11.3' }],
  },
});

/** The volumes attached and whole, with their objects and instance managers; from then on it is played. */
export async function playLonghorn(
  bench: Bench,
  nodes: readonly string[],
  volumes: readonly Volume[],
): Promise<LonghornVolumes> {
  createAs(bench, 'helm', [
    INSTANCE_MANAGERS,
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'longhorn-critical' },
      value: 1_000_000_000,
    },
  ]);
  await bench.until('instance managers are a kind', () =>
    bench.run(['get', 'instancemanagers.longhorn.io', `--namespace=${NAMESPACE}`]).status === 0 ? true : undefined,
  );
  createAs(bench, MANAGER, [
    ...nodes.flatMap((name) => [
      object('Node', name, { spec: { allowScheduling: true } }),
      object('InstanceManager', managerOf(name), { spec: { nodeID: name } }),
    ]),
    object('Setting', 'node-drain-policy', { value: 'block-if-contains-last-replica' }),
    ...volumes.flatMap(({ name, nodes: replicas }) => [
      object('Volume', name, { spec: { numberOfReplicas: replicas.length, size: '1073741824' } }),
      object('Engine', `${name}-e-0`, { spec: { volumeName: name } }),
      ...replicas.map((node) =>
        object('Replica', `${name}-r-${node}`, {
          spec: { volumeName: name, nodeID: node, healthyAt: now(), failedAt: '' },
        }),
      ),
    ]),
  ]);
  const replicas = volumes.flatMap((volume) =>
    volume.nodes.map((node): Replica => ({ volume, node, mode: 'RW', since: 0 })),
  );
  const owners = new Map(
    nodes.flatMap((name) => {
      const found = bench.get('instancemanagers.longhorn.io', managerOf(name), NAMESPACE);
      return found === undefined ? [] : [[name, found] as const];
    }),
  );
  const play = new Play(bench, nodes, owners, volumes, replicas);
  for (const volume of volumes) await play.begin(volume);
  let ending = false;
  const playing = (async () => {
    while (!ending) {
      // What it writes may be changed by somebody else at that moment: it looks again.
      await play.look().catch(() => undefined);
      await sleep(TICK_MS);
    }
  })();
  await bench.until('every instance manager runs', () => play.hasBegun || undefined);
  return {
    mostAway: () => play.mostAway,
    hold: (volume) => {
      play.held = volume;
    },
    end: async () => {
      ending = true;
      await playing;
    },
  };
}

interface Seen {
  /** Pods in namespace `default`. */
  readonly users: readonly LiveObject[];
  readonly budgets: readonly LiveObject[];
  /** Longhorn's own. */
  readonly pods: readonly LiveObject[];
}

const isUp = ({ metadata, status }: LiveObject): boolean =>
  metadata.deletionTimestamp === undefined && textAt(status, 'phase') === 'Running';

class Play {
  mostAway = 0;
  held: string | null = null;
  /** Each instance manager has run once. */
  hasBegun = false;
  readonly #attachedTo = new Map<string, string>();

  constructor(
    private readonly bench: Bench,
    private readonly nodes: readonly string[],
    private readonly owners: ReadonlyMap<string, LiveObject>,
    private readonly volumes: readonly Volume[],
    private readonly replicas: readonly Replica[],
  ) {}

  async begin(volume: Volume): Promise<void> {
    for (const replica of this.#of(volume)) await this.#tellReplica(replica);
    await this.#tell(volume);
  }

  async look(): Promise<void> {
    const [nodes, users, budgets, pods] = await Promise.all([
      this.#listed('/api/v1/nodes'),
      this.#listed('/api/v1/namespaces/default/pods'),
      this.#listed(`/apis/policy/v1/namespaces/${NAMESPACE}/poddisruptionbudgets`),
      this.#listed(`/api/v1/namespaces/${NAMESPACE}/pods`),
    ]);
    await this.#attach(users);
    for (const node of nodes) this.#manage(node, { users, budgets, pods });
    const up = new Set(pods.filter(isUp).map(({ metadata }) => metadata.labels?.[NODE] ?? ''));
    this.hasBegun ||= up.size === this.nodes.length;
    if (!this.hasBegun) return;
    for (const volume of this.volumes) await this.#rebuild(volume, up);
  }

  /** Where the pod is that uses it. */
  async #attach(users: readonly LiveObject[]): Promise<void> {
    for (const volume of this.volumes) {
      const pod = users.find(({ metadata }) => metadata.name === `${volume.user}-0`);
      const node = pod?.metadata.deletionTimestamp === undefined ? textAt(pod?.spec, 'nodeName') : undefined;
      if (node === undefined || this.#attachedTo.get(volume.name) === node) continue;
      this.#attachedTo.set(volume.name, node);
      await this.#tell(volume);
    }
  }

  #manage({ metadata: { name }, spec }: LiveObject, { users, budgets, pods }: Seen): void {
    const { bench } = this;
    const cordoned = at(spec, 'unschedulable') === true;
    const isUsed = this.volumes.some(({ user }) =>
      users.some((pod) => pod.metadata.name === `${user}-0` && textAt(pod.spec, 'nodeName') === name),
    );
    const budget = budgets.find(({ metadata }) => metadata.name === managerOf(name));
    const owner = this.owners.get(name);
    if (!cordoned && owner !== undefined && !pods.some(({ metadata }) => metadata.name === managerOf(name)))
      createAs(bench, MANAGER, [podOf(name, owner)]);
    if (!cordoned && budget === undefined) createAs(bench, MANAGER, [budgetOf(name)]);
    if (cordoned && !isUsed && budget !== undefined)
      bench.kubectl(['delete', 'poddisruptionbudget', managerOf(name), `--namespace=${NAMESPACE}`]);
  }

  async #rebuild(volume: Volume, up: ReadonlySet<string>): Promise<void> {
    for (const replica of this.#of(volume)) {
      const next = this.#next(replica, up.has(replica.node));
      if (next === replica.mode) continue;
      replica.mode = next;
      replica.since = performance.now();
      await this.#tellReplica(replica);
      await this.#tell(volume);
    }
    const away = this.#of(volume).filter(({ mode }) => mode !== 'RW').length;
    this.mostAway = Math.max(this.mostAway, away);
  }

  #next({ mode, since, volume }: Replica, isUp: boolean): Replica['mode'] {
    const passed = performance.now() - since;
    if (!isUp) return 'ERR';
    if (mode === 'ERR') return passed < PAUSE_MS || this.held === volume.name ? 'ERR' : 'WO';
    return mode === 'WO' && passed < REBUILD_MS ? 'WO' : 'RW';
  }

  #of(volume: Volume): readonly Replica[] {
    return this.replicas.filter((each) => each.volume === volume);
  }

  async #tellReplica(replica: Replica): Promise<void> {
    const path = `/apis/longhorn.io/v1beta2/namespaces/${NAMESPACE}/replicas/${nameOf(replica)}`;
    await this.#patch(path, { spec: { failedAt: replica.mode === 'RW' ? '' : now() } });
    await this.#patch(`${path}/status`, { status: { currentState: replica.mode === 'ERR' ? 'stopped' : 'running' } });
  }

  async #tell(volume: Volume): Promise<void> {
    const at = `/apis/longhorn.io/v1beta2/namespaces/${NAMESPACE}`;
    const its = this.#of(volume);
    const replicaModeMap = Object.fromEntries(its.map((replica) => [nameOf(replica), replica.mode]));
    await this.#patch(`${at}/engines/${volume.name}-e-0/status`, { status: { replicaModeMap } });
    await this.#patch(`${at}/volumes/${volume.name}/status`, {
      status: {
        state: 'attached',
        robustness: its.every(({ mode }) => mode === 'RW') ? 'healthy' : 'degraded',
        currentNodeID: this.#attachedTo.get(volume.name) ?? '',
        kubernetesStatus: {
          ...{ namespace: 'default', pvcName: volume.name, lastPodRefAt: '' },
          workloadsStatus: [{ podName: `${volume.user}-0` }],
        },
      },
    });
  }

  async #patch(path: string, body: Fields): Promise<void> {
    const answer = await this.bench.send('PATCH', path, {
      body: JSON.stringify(body),
      type: 'application/merge-patch+json',
    });
    if (answer.status !== 200) throw new Error(`${path}: expected it taken, got ${answer.status}: ${answer.text}`);
  }

  async #listed(path: string): Promise<readonly LiveObject[]> {
    const { status, text } = await this.bench.send('GET', path);
    if (status !== 200) throw new Error(`${path}: expected 200, got ${status}: ${text}`);
    // What the API server says of its objects.
    return JSON.parse(text).items as LiveObject[];
  }
}

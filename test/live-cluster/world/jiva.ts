/** OpenEBS Jiva as its operator leaves it: for each volume a controller, its replicas, their budget and a JivaVolume. */
import { textAt } from '../../../src/manifest/json.js';
import type { LiveObject } from '../../../src/manifest/live-object.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import type { Bench } from '../bench/bench.js';
import { installDefinitions } from '../bench/seed.js';
import { createAs } from './create.js';

const NAMESPACE = 'openebs';
const OPERATOR = 'jiva-operator';
const REPLICAS = 3;

/** The part of a volume, as labels. */
const labelsOf = (volume: string, component: 'jiva-controller' | 'jiva-replica') => ({
  'openebs.io/cas-type': 'jiva',
  'openebs.io/component': component,
  'openebs.io/persistent-volume': volume,
});

/** Its controllers on that node, null: on any; the replicas keep away from each other. */
export async function installJiva(
  bench: Bench,
  { volumes, controllersOn }: { readonly volumes: readonly string[]; readonly controllersOn: string | null },
): Promise<void> {
  await installDefinitions(bench.send, ['test/fixtures/storage-crds/jivavolumes.openebs.io.yaml'], bench.until);
  createAs(
    bench,
    OPERATOR,
    volumes.flatMap((volume) => workloadsOf(volume, controllersOn)),
  );
  await bench.until('all of Jiva runs', () => {
    const running = podsOf(bench).filter(({ status }) => textAt(status, 'phase') === 'Running');
    return running.length === volumes.length * (REPLICAS + 1) ? true : undefined;
  });
  const status = healthyStatuses(bench);
  createAs(
    bench,
    OPERATOR,
    volumes.map((name) => ({
      apiVersion: 'openebs.io/v1alpha1',
      kind: 'JivaVolume',
      metadata: { name, namespace: NAMESPACE },
      spec: { pv: name, capacity: '4Gi', accessType: 'mount', desiredReplicationFactor: REPLICAS },
      status: status(name),
    })),
  );
}

export type JivaStatus = { readonly [key: string]: Json };

const healthyStatuses = (bench: Bench) => {
  const pods = podsOf(bench);
  return (volume: string): JivaStatus => ({
    status: 'RW',
    phase: 'Ready',
    replicaCount: REPLICAS,
    replicaStatus: addressesOf(pods, volume).map((address) => ({ address, mode: 'RW' })),
  });
};

const addressesOf = (pods: readonly LiveObject[], volume: string): readonly string[] =>
  pods
    .filter(({ metadata: { labels = {} } }) => matches(labels, labelsOf(volume, 'jiva-replica')))
    .map(({ status }) => `tcp://${textAt(status, 'podIP')}:9502`);

const matches = (labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value);

/** What the operator writes down of a volume. */
export async function writeJivaStatus(bench: Bench, volume: string, status: JivaStatus): Promise<void> {
  const path = `/apis/openebs.io/v1alpha1/namespaces/${NAMESPACE}/jivavolumes/${volume}`;
  const body = JSON.stringify({ status });
  const { status: code, text } = await bench.send('PATCH', path, { body, type: 'application/merge-patch+json' });
  if (code !== 200) throw new Error(`${path}: ${code} ${text}`);
}

/** Of every volume; `part` alone where it is given. */
export function podsOf(bench: Bench, part?: 'jiva-controller' | 'jiva-replica'): readonly LiveObject[] {
  const selector = `openebs.io/cas-type=jiva${part === undefined ? '' : `,openebs.io/component=${part}`}`;
  const text = bench.kubectl(['get', 'pods', `--namespace=${NAMESPACE}`, `--selector=${selector}`, '--output=json']);
  // What the API server prints of a list.
  return (JSON.parse(text) as { readonly items: readonly LiveObject[] }).items;
}

const CONTAINER = { name: 'main', image: 'openebs/jiva:3.6.0' };

const workloadsOf = (volume: string, controllersOn: string | null): readonly Manifest[] => [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `${volume}-jiva-ctrl`, namespace: NAMESPACE },
    spec: {
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: labelsOf(volume, 'jiva-controller') },
      template: {
        metadata: { labels: labelsOf(volume, 'jiva-controller') },
        spec: {
          containers: [CONTAINER],
          ...(controllersOn !== null && { nodeSelector: { 'kubernetes.io/hostname': controllersOn } }),
        },
      },
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: `${volume}-jiva-rep`, namespace: NAMESPACE },
    spec: {
      replicas: REPLICAS,
      serviceName: 'jiva-replica-svc',
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: labelsOf(volume, 'jiva-replica') },
      template: {
        metadata: { labels: labelsOf(volume, 'jiva-replica') },
        spec: {
          containers: [CONTAINER],
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                {
                  labelSelector: { matchLabels: labelsOf(volume, 'jiva-replica') },
                  topologyKey: 'kubernetes.io/hostname',
                },
              ],
            },
          },
        },
      },
    },
  },
  {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: `${volume}-pdb`, namespace: NAMESPACE },
    spec: { minAvailable: 2, selector: { matchLabels: labelsOf(volume, 'jiva-replica') } },
  },
];

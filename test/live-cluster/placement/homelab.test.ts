import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { homelab, objectsOf } from '../../support/clusters.js';
import { type Bench, startBench } from '../bench/bench.js';
import { createAs } from '../world/create.js';
import { homelabWorld } from '../world/homelab.js';
import { nodesOf } from '../world/nodes.js';
import { chartWorkloads } from './chart-workloads.js';
import { cordon, deletePodsOn, patch, rollOut, settled, uncordon, type Workload } from './patched-cluster.js';
import { type PlacedPod, podsOf, readyOn } from './pods.js';

const COREDNS: Workload = { namespace: 'kube-system', name: 'coredns', selector: 'k8s-app=kube-dns' };
const SIDECARS = ['csi-attacher', 'csi-provisioner', 'csi-resizer', 'csi-snapshotter'].map(
  (name): Workload => ({ namespace: 'longhorn-system', name, selector: `app=${name}` }),
);
const BOTH = ['jarvis', 'ultron'];

const onBoth = (pods: readonly PlacedPod[]): boolean => pods.length === 2 && readyOn(pods).join() === BOTH.join();
const allReady = (pods: readonly PlacedPod[]): boolean => pods.length === 2 && readyOn(pods).length === 2;

describe('on the two nodes of homelab the scheduler', () => {
  const cluster = homelab();
  let bench: Bench;

  beforeAll(async () => {
    bench = await startBench({ nodes: nodesOf(cluster) });
    homelabWorld(bench, cluster);
    patch(bench, [...objectsOf(cluster, 'coredns'), ...objectsOf(cluster, 'longhorn-csi-spread')]);
    for (const workload of [COREDNS, ...SIDECARS]) await settled(bench, workload, onBoth);
  });

  beforeEach(() => {
    for (const node of BOTH) uncordon(bench, node);
  });

  afterAll(() => bench?.close());

  describe('for CoreDNS', () => {
    test('never has two on one node and never none at all while it rolls out', async () => {
      const states = await rollOut(bench, COREDNS);

      expect(states.length).toBeGreaterThan(3);
      for (const pods of states) {
        expect(new Set(readyOn(pods)).size, JSON.stringify(pods)).toBe(readyOn(pods).length);
        expect(readyOn(pods).length, JSON.stringify(pods)).toBeGreaterThanOrEqual(1);
      }
      expect(onBoth(podsOf(bench, COREDNS.namespace, COREDNS.selector))).toBe(true);
    });

    test('leaves the second waiting while a node is cordoned, and says why', async () => {
      cordon(bench, 'ultron');
      deletePodsOn(bench, COREDNS, 'ultron');

      const pods = await settled(bench, COREDNS, (found) => found.some(({ reason }) => reason !== ''));

      expect(readyOn(pods)).toEqual(['jarvis']);
      expect(pods.map(({ reason }) => reason).join('')).toMatch(
        /didn't match pod (anti-affinity rules|topology spread constraints)/,
      );
      expect(pods.map(({ reason }) => reason).join('')).toMatch(/were unschedulable/);
    });

    test('keeps one ready while it rolls out with a node cordoned, and ends with both once that is back', async () => {
      await settled(bench, COREDNS, onBoth);
      cordon(bench, 'ultron');
      deletePodsOn(bench, COREDNS, 'ultron');
      bench.kubectl(['rollout', 'restart', 'deployment', 'coredns', '--namespace=kube-system']);
      for (let look = 0; look < 10; look += 1) {
        expect(readyOn(podsOf(bench, COREDNS.namespace, COREDNS.selector))).toEqual(['jarvis']);
      }

      uncordon(bench, 'ultron');

      expect(readyOn(await settled(bench, COREDNS, onBoth))).toEqual(BOTH);
    });
  });

  describe.each(SIDECARS)('for $name', (sidecar) => {
    test('spreads it again at each roll-out', async () => {
      const states = await rollOut(bench, sidecar);

      for (const pods of states) expect(readyOn(pods).length, JSON.stringify(pods)).toBeGreaterThanOrEqual(1);
      expect(readyOn(podsOf(bench, sidecar.namespace, sidecar.selector))).toEqual(BOTH);
    });

    test('puts all on the node that is left, and they stay there until they are rolled out', async () => {
      cordon(bench, 'ultron');
      deletePodsOn(bench, sidecar, 'ultron');
      expect(readyOn(await settled(bench, sidecar, allReady))).toEqual(['jarvis', 'jarvis']);

      uncordon(bench, 'ultron');
      expect(readyOn(podsOf(bench, sidecar.namespace, sidecar.selector))).toEqual(['jarvis', 'jarvis']);

      await rollOut(bench, sidecar);
      expect(readyOn(podsOf(bench, sidecar.namespace, sidecar.selector))).toEqual(BOTH);
    });
  });

  describe('for the monitoring stack', () => {
    const application = objectsOf(cluster, 'argocd').find(({ metadata: { name } }) => name === 'selfheal-monitoring');
    const workloads = chartWorkloads(application as Manifest & { spec: Json });
    const stack: Workload = { namespace: 'monitoring', name: 'the stack', selector: 'stack=monitoring' };

    test('is told the node at each of the places that the chart has', () => {
      expect(workloads.map(({ metadata: { name } }) => name)).toEqual([
        'alertmanager',
        'grafana',
        'kube-state-metrics',
        'operator',
        'prometheus',
        'webhook',
      ]);
    });

    test('puts every pod on ultron', async () => {
      createAs(bench, 'helm', workloads);

      const pods = await settled(bench, stack, (found) => readyOn(found).length === workloads.length);

      expect(new Set(readyOn(pods))).toEqual(new Set(['ultron']));
    });

    test('leaves them waiting while ultron is cordoned, and says why', async () => {
      cordon(bench, 'ultron');
      deletePodsOn(bench, stack, 'ultron');

      const pods = await settled(
        bench,
        stack,
        (found) => found.length > 0 && found.every(({ reason }) => reason !== ''),
      );

      expect(pods).toHaveLength(workloads.length);
      for (const { node, reason } of pods) {
        expect(node).toBe('');
        expect(reason).toMatch(/1 node\(s\) didn't match Pod's node affinity\/selector/);
        expect(reason).toMatch(/1 node\(s\) were unschedulable/);
      }
    });

    test('puts them there again once it is back', async () => {
      const pods = await settled(bench, stack, (found) => readyOn(found).length === workloads.length);

      expect(new Set(readyOn(pods))).toEqual(new Set(['ultron']));
    });
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { objectsOf, pvek8s } from '../../support/clusters.js';
import { type Bench, startBench } from '../bench/bench.js';
import { nodesOf } from '../world/nodes.js';
import { pvek8sWorld } from '../world/pvek8s.js';
import { cordon, deletePodsOn, patch, rollOut, settled, uncordon, type Workload } from './patched-cluster.js';
import { type PlacedPod, podsOf, readyOn } from './pods.js';

const CLOUDFLARED: Workload = {
  namespace: 'cloudflared',
  name: 'cloudflared',
  selector: 'app.kubernetes.io/name=cloudflared',
};
const COREDNS: Workload = { namespace: 'kube-system', name: 'coredns', selector: 'k8s-app=kube-dns' };
const FORBIDDEN = 'k8s02';

const twoReady = (pods: readonly PlacedPod[]): boolean => pods.length === 2 && readyOn(pods).length === 2;
const nodesOfPods = (pods: readonly PlacedPod[]): readonly string[] => pods.map(({ node }) => node);

describe('on the three nodes of pvek8s the scheduler', () => {
  const cluster = pvek8s();
  let bench: Bench;

  beforeAll(async () => {
    bench = await startBench({ nodes: nodesOf(cluster) });
    // Else the wish for an even spread alone would keep it off the node: it must be the only one that is left.
    cordon(bench, 'k8s01');
    cordon(bench, 'k8s03');
    pvek8sWorld(bench);
    expect(new Set(nodesOfPods(await settled(bench, CLOUDFLARED, twoReady)))).toEqual(new Set([FORBIDDEN]));
    for (const node of ['k8s01', 'k8s03']) uncordon(bench, node);
    patch(bench, [...objectsOf(cluster, 'coredns'), ...objectsOf(cluster, 'keep-off')]);
  });

  beforeEach(() => {
    for (const { name } of cluster.nodes) uncordon(bench, name);
  });

  afterAll(() => bench?.close());

  test('moves cloudflared off k8s02 once it is patched', async () => {
    const pods = await settled(
      bench,
      CLOUDFLARED,
      (found) => twoReady(found) && !nodesOfPods(found).includes(FORBIDDEN),
    );

    expect(nodesOfPods(pods)).not.toContain(FORBIDDEN);
  });

  test('keeps it off while it rolls out', async () => {
    const states = await rollOut(bench, CLOUDFLARED);

    for (const pods of states) expect(nodesOfPods(pods)).not.toContain(FORBIDDEN);
  });

  test('keeps it off while another node is cordoned, and after that is back', async () => {
    cordon(bench, 'k8s01');
    deletePodsOn(bench, CLOUDFLARED, 'k8s01');
    expect(nodesOfPods(await settled(bench, CLOUDFLARED, twoReady))).toEqual(['k8s03', 'k8s03']);

    uncordon(bench, 'k8s01');
    const states = await rollOut(bench, CLOUDFLARED);

    for (const pods of states) expect(nodesOfPods(pods)).not.toContain(FORBIDDEN);
  });

  test('leaves it waiting when only k8s02 is left, and says why', async () => {
    for (const node of ['k8s01', 'k8s03']) {
      cordon(bench, node);
      deletePodsOn(bench, CLOUDFLARED, node);
    }

    const pods = await settled(
      bench,
      CLOUDFLARED,
      (found) => found.length === 2 && found.every(({ reason }) => reason),
    );

    expect(pods.map(({ reason }) => reason).join()).toMatch(/1 node\(s\) didn't match Pod's node affinity\/selector/);
    expect(pods.map(({ reason }) => reason).join()).toMatch(/2 node\(s\) were unschedulable/);
  });

  test('never has two CoreDNS on one node and never none at all while it rolls out', async () => {
    await settled(bench, COREDNS, twoReady);

    const states = await rollOut(bench, COREDNS);

    for (const pods of states) {
      expect(new Set(readyOn(pods)).size, JSON.stringify(pods)).toBe(readyOn(pods).length);
      expect(readyOn(pods).length, JSON.stringify(pods)).toBeGreaterThanOrEqual(1);
    }
    expect(podsOf(bench, COREDNS.namespace, COREDNS.selector)).toHaveLength(2);
  });

  test('moves CoreDNS to the third node while one is cordoned', async () => {
    const [first = ''] = readyOn(await settled(bench, COREDNS, twoReady));
    cordon(bench, first);
    deletePodsOn(bench, COREDNS, first);

    const pods = await settled(bench, COREDNS, twoReady);

    expect(nodesOfPods(pods)).not.toContain(first);
    expect(new Set(nodesOfPods(pods)).size).toBe(2);
  });
});

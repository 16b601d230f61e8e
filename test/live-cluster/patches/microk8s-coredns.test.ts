/** CoreDNS of MicroK8s, which is whole in Git, and what becomes of a few fields in its place. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlacedManifest } from '../../../src/manifest/manifest.js';
import { argosFieldsBeyond } from '../../../src/ops/foreign/field-ownership.js';
import { at } from '../../support/change.js';
import { homelab, objectsOf, pvek8s } from '../../support/clusters.js';
import { type Bench, startBench } from '../bench/bench.js';
import { applicationOf } from '../support/applications.js';
import { enableDns } from '../world/microk8s.js';
import { nodesOf } from '../world/nodes.js';
import { type Change, isForeign, Patched } from './patched.js';

const CLUSTER = pvek8s();
const COREDNS = ['deployment', 'coredns', 'kube-system'] as const;
const APPLICATION = 'selfheal-coredns';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const ANTI_AFFINITY = 'spec.template.spec.affinity.podAntiAffinity';
const [DESCRIBED] = objectsOf(CLUSTER, 'coredns');
const [PARTIAL] = objectsOf(homelab(), 'coredns');

let bench: Bench;
let patched: Patched;
beforeAll(async () => {
  bench = await startBench({ nodes: nodesOf(CLUSTER), argo: true });
  enableDns(bench);
  patched = new Patched(bench, CLUSTER, ['coredns']);
}, 180_000);
afterAll(() => bench?.close());

const coredns = () => bench.get(...COREDNS);

/** k3s's patch, on the object that `kubectl apply` made. */
const partial =
  (change: Change): Change =>
  (object: PlacedManifest) =>
    isForeign(object) ? change({ ...object, manifest: PARTIAL ?? object.manifest }) : change(object);

async function failsFor(seconds: number): Promise<string> {
  const words = await bench.until(
    'a sync that was refused',
    () => {
      const { message, phase, sync } = applicationOf(bench, APPLICATION);
      if (message.includes('selector: Required value')) return message;
      throw new Error(`${sync}, ${phase}: ${message}`);
    },
    seconds,
  );
  return words;
}

describe('a few fields on what `kubectl apply` made', () => {
  test('are refused at each sync, and change nothing', async () => {
    patched.commit(
      patched.files(
        {},
        partial(({ manifest }) => manifest),
      ),
    );

    expect(await failsFor(60)).toContain('Required value');
    expect(at(coredns(), 'spec.replicas')).toBe(1);
    expect(at(coredns(), 'spec.template.spec.affinity')).toBeUndefined();
  });
});

describe('the whole object, as generated', () => {
  beforeAll(async () => {
    bench.kubectl(['delete', 'application', APPLICATION, '--namespace=argocd', '--wait']);
    bench.kubectl(['delete', 'deployment', 'coredns', '--namespace=kube-system', '--wait']);
    enableDns(bench);
  });

  test('is synced, and kubectl owns nothing of it any more', async () => {
    expect(coredns()?.metadata.annotations).toHaveProperty([LAST_APPLIED]);
    await patched.sync(patched.files());

    const after = await patched.untilField(COREDNS, 'spec.replicas', 2);

    expect(at(after, ANTI_AFFINITY)).toEqual(at(DESCRIBED, ANTI_AFFINITY));
    expect(after.metadata.annotations).not.toHaveProperty([LAST_APPLIED]);
    expect(DESCRIBED && argosFieldsBeyond(after, DESCRIBED)).toEqual([]);
  });

  test('is left as it is by `microk8s enable dns`', async () => {
    const uid = coredns()?.metadata.uid;
    enableDns(bench);
    patched.look();
    await patched.untilField(COREDNS, 'spec.replicas', 2);

    expect(at(coredns(), ANTI_AFFINITY)).toEqual(at(DESCRIBED, ANTI_AFFINITY));
    expect(at(coredns(), 'spec.strategy.rollingUpdate.maxSurge')).toBeDefined();
    expect(coredns()?.metadata.uid).toBe(uid);
  });

  test('is as in Git again after that', async () => {
    await patched.untilField(COREDNS, 'spec.strategy.rollingUpdate', { maxSurge: 0, maxUnavailable: 1 });
    await bench.until('Synced', () => (applicationOf(bench, APPLICATION).sync === 'Synced' ? true : undefined));
  });

  test('is what MicroK8s wrote again after the first of two commits, and stays when its file goes', async () => {
    const uid = coredns()?.metadata.uid;
    await patched.sync(patched.files({ retiring: ['coredns'] }));

    const after = await patched.untilField(COREDNS, 'spec.replicas', 1);

    expect(at(after, 'spec.template.spec.affinity')).toBeUndefined();
    expect(at(after, 'spec.strategy.rollingUpdate')).toEqual({ maxSurge: '10%', maxUnavailable: 0 });
    expect(at(after, 'spec.template.spec.containers')).toEqual(at(coredns(), 'spec.template.spec.containers'));

    bench.repository.commit(patched.files({ dns: null }), 'bench');
    patched.look();
    await bench.until('Argo CD has looked', () =>
      applicationOf(bench, APPLICATION).conditions.length > 0 ? true : undefined,
    );
    bench.kubectl(['delete', 'application', APPLICATION, '--namespace=argocd', '--wait']);

    expect(coredns()?.metadata.uid).toBe(uid);
  });
});

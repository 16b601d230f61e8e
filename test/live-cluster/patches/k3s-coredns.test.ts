/** CoreDNS of k3s, patched by a few fields, through the life of the object and of the patch. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SYNC_OPTIONS } from '../../../src/argo/sync-options.js';
import { argosFieldsBeyond } from '../../../src/ops/foreign/field-ownership.js';
import { at, set } from '../../support/change.js';
import { homelab, objectsOf } from '../../support/clusters.js';
import { type Bench, startBench } from '../bench/bench.js';
import { applicationOf } from '../support/applications.js';
import { installK3sCoredns, restartK3s } from '../world/k3s.js';
import { nodesOf } from '../world/nodes.js';
import { isForeign, Patched, withSyncPolicy } from './patched.js';

const CLUSTER = homelab();
const [SERVER = ''] = CLUSTER.nodes.map(({ name }) => name);
const COREDNS = ['deployment', 'coredns', 'kube-system'] as const;
const APPLICATION = 'selfheal-coredns';
const [DESCRIBED] = objectsOf(CLUSTER, 'coredns');
const ANTI_AFFINITY = 'spec.template.spec.affinity.podAntiAffinity';
const UPSTREAM_IMAGE = 'rancher/mirrored-coredns-coredns:1.11.3';

let bench: Bench;
let patched: Patched;
beforeAll(async () => {
  bench = await startBench({ nodes: nodesOf(CLUSTER), argo: true });
  installK3sCoredns(bench, SERVER);
  patched = new Patched(bench, CLUSTER, ['coredns']);
}, 180_000);
afterAll(() => bench?.close());

const coredns = () => bench.get(...COREDNS);
const imageOf = (object: unknown): unknown => at(object, 'spec.template.spec.containers[0].image');

test('the patch is applied, and k3s keeps every other field', async () => {
  const before = coredns();
  await patched.sync(patched.files());

  const after = coredns();

  expect(at(after, 'spec.replicas')).toBe(2);
  expect(at(after, ANTI_AFFINITY)).toEqual(at(DESCRIBED, ANTI_AFFINITY));
  expect(at(after, 'spec.template.spec.topologySpreadConstraints')).toEqual(
    at(before, 'spec.template.spec.topologySpreadConstraints'),
  );
  expect(at(after, 'spec.template.spec.containers')).toEqual(at(before, 'spec.template.spec.containers'));
  expect(at(after, 'spec.template.spec.topologySpreadConstraints')).toHaveLength(1);
  expect(after && DESCRIBED && argosFieldsBeyond(after, DESCRIBED)).toEqual([]);
});

test('a start of k3s, which writes its manifest again, leaves the patch on the object', async () => {
  restartK3s(bench, SERVER);
  patched.look();
  await patched.untilField(COREDNS, 'spec.replicas', 2);

  expect(at(coredns(), ANTI_AFFINITY)).toEqual(at(DESCRIBED, ANTI_AFFINITY));
  expect(imageOf(coredns())).toBe(UPSTREAM_IMAGE);
});

test('an upgrade of k3s brings its image, and the patch stays', async () => {
  const image = 'rancher/mirrored-coredns-coredns:1.12.1';
  restartK3s(bench, SERVER, (manifest) =>
    manifest.kind === 'Deployment'
      ? (set(manifest, 'spec.template.spec.containers[0].image', image) as typeof manifest)
      : manifest,
  );
  patched.look();
  await patched.untilField(COREDNS, 'spec.template.spec.containers[0].image', image);

  expect(at(coredns(), 'spec.replicas')).toBe(2);
  expect(at(coredns(), ANTI_AFFINITY)).toEqual(at(DESCRIBED, ANTI_AFFINITY));
});

test('what somebody takes off by hand comes back', async () => {
  bench.kubectl(['scale', 'deployment', 'coredns', '--namespace=kube-system', '--replicas=1']);

  await patched.untilField(COREDNS, 'spec.replicas', 2);
});

test('an object that its owner deletes and makes again later is patched again, without a commit', async () => {
  const uid = coredns()?.metadata.uid;
  bench.kubectl(['delete', 'deployment', 'coredns', '--namespace=kube-system', '--wait']);
  patched.look();
  await patched.untilRefused();
  expect(coredns(), 'nobody but its owner makes it').toBeUndefined();

  restartOrInstall();
  const after = await patched.untilField(COREDNS, 'spec.replicas', 2, 240);

  expect(after.metadata.uid).not.toBe(uid);
  expect(at(after, ANTI_AFFINITY)).toEqual(at(DESCRIBED, ANTI_AFFINITY));
  expect(imageOf(after)).toBe(UPSTREAM_IMAGE);
}, 300_000);

function restartOrInstall(): void {
  for (const kind of ['configmap', 'serviceaccount'])
    bench.kubectl(['delete', kind, 'coredns', '--namespace=kube-system']);
  installK3sCoredns(bench, SERVER);
}

test('an Application that is deleted leaves the object as it is', async () => {
  bench.kubectl(['delete', 'application', APPLICATION, '--namespace=argocd', '--wait']);
  await delay(3_000);

  expect(at(coredns(), 'spec.replicas')).toBe(2);
  expect(imageOf(coredns())).toBe(UPSTREAM_IMAGE);
});

test('the first of two commits takes our fields off, and nothing else', async () => {
  await patched.sync(patched.files());
  await patched.untilField(COREDNS, 'spec.replicas', 2);
  const before = coredns();
  await patched.sync(patched.files({ retiring: ['coredns'] }));

  const after = await patched.untilField(COREDNS, 'spec.replicas', 1);

  expect(at(after, 'spec.template.spec.affinity')).toBeUndefined();
  expect(at(after, 'spec.template.spec.containers')).toEqual(at(before, 'spec.template.spec.containers'));
  expect(at(after, 'spec.template.spec.topologySpreadConstraints')).toHaveLength(1);
  expect(after.metadata.uid).toBe(before?.metadata.uid);
});

test('the second removes the files, and the object stays', async () => {
  const uid = coredns()?.metadata.uid;
  const files = patched.files({ dns: null });
  expect([...files.keys()].filter((path) => path.includes('coredns'))).toEqual([]);

  bench.repository.commit(files, 'bench');
  patched.look();
  await bench.until('Argo CD has looked', () =>
    applicationOf(bench, APPLICATION).conditions.some((condition) => condition.includes('app path does not exist'))
      ? true
      : undefined,
  );
  bench.kubectl(['delete', 'application', APPLICATION, '--namespace=argocd', '--wait']);
  await delay(3_000);

  expect(coredns()?.metadata.uid).toBe(uid);
  expect(at(coredns(), 'spec.replicas')).toBe(1);
});

/** Even where somebody lets the Application prune. Another object in the folder keeps the folder there. */
const pruning = (
  change: (annotations: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
  gone: boolean,
) =>
  patched.files({}, (object) => {
    const { manifest } = object;
    if (manifest.kind === 'Application')
      return withSyncPolicy(manifest, { automated: { prune: true, selfHeal: true } });
    if (!isForeign(object)) return manifest;
    if (gone)
      return {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'something-else', namespace: 'kube-system' },
        data: { gone: 'true' },
      };
    const annotations = change(manifest.metadata.annotations ?? {});
    return { ...manifest, metadata: { ...manifest.metadata, annotations } };
  });

test('a file that goes without the first commit leaves the object there, patched, and the Application says so', async () => {
  await patched.sync(pruning((annotations) => annotations, false));
  await patched.untilField(COREDNS, 'spec.replicas', 2);
  const revision = patched.commit(pruning((annotations) => annotations, true));
  await patched.untilCompared(revision);
  await bench.until('the other object is there', () => bench.get('configmap', 'something-else', 'kube-system'));
  await delay(3_000);

  expect(at(coredns(), 'spec.replicas')).toBe(2);
  expect(applicationOf(bench, APPLICATION).sync).toBe('OutOfSync');
});

test('without the protection the same file takes all of CoreDNS with it', async () => {
  const unprotected = (annotations: Readonly<Record<string, string>>) => ({
    ...annotations,
    [SYNC_OPTIONS]: 'ServerSideApply=true,Validate=false',
  });
  await patched.sync(pruning(unprotected, false));
  await bench.until('the live object is not protected', () =>
    coredns()?.metadata.annotations?.[SYNC_OPTIONS]?.includes('Prune=false') === false ? true : undefined,
  );

  patched.commit(pruning(unprotected, true));

  await bench.until('CoreDNS is gone', () => (coredns() === undefined ? true : undefined));
});

/** CoreDNS of MicroK8s, which is whole in Git, and what becomes of a few fields in its place. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SYNC_OPTIONS } from '../../../src/argo/sync-options.js';
import type { Files } from '../../../src/manifest/layout.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { argosFieldsBeyond } from '../../../src/ops/foreign/field-ownership.js';
import { patchOwnership } from '../../../src/ops/foreign/ownership.js';
import { at, set } from '../../support/change.js';
import { homelab, objectsOf, pvek8s } from '../../support/clusters.js';
import { type Bench, startBench } from '../bench/bench.js';
import { applicationOf } from '../support/applications.js';
import { enableDns } from '../world/microk8s.js';
import { nodesOf } from '../world/nodes.js';
import { isForeign, Patched, withSyncPolicy } from './patched.js';

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

/** Retried as generated, only sooner. */
const QUICK = { limit: -1, refresh: true, backoff: { duration: '1s', factor: 1, maxDuration: '1s' } };
const NO_MIGRATION = 'ClientSideApplyMigration=false';

/** k3s's patch, on the object that `kubectl apply` made. */
const partial = (change: (patch: Manifest) => Manifest = (patch) => patch, options: readonly string[] = []): Files =>
  patched.files({}, (object) => {
    if (isForeign(object)) return change(PARTIAL ?? object.manifest);
    if (object.manifest.kind !== 'Application') return object.manifest;
    const before = at(object.manifest, 'spec.syncPolicy.syncOptions');
    return withSyncPolicy(object.manifest, {
      syncOptions: [...(Array.isArray(before) ? before : []), ...options],
      retry: QUICK,
    });
  });

/** What Argo CD says once its latest operation was refused that often. */
const refused = (times: number) =>
  bench.until(
    `${times} tries that were refused`,
    () => {
      const status = applicationOf(bench, APPLICATION);
      if (status.message.includes('selector: Required value') && status.retries >= times) return status;
      throw new Error(`${status.sync}, ${status.phase}, ${status.retries} retries: ${status.message}`);
    },
    60,
  );

function expectUntouched(): void {
  expect(at(coredns(), 'spec.replicas')).toBe(1);
  expect(at(coredns(), 'spec.template.spec.affinity')).toBeUndefined();
  expect(coredns()?.metadata.managedFields?.map(({ manager }) => manager)).not.toContain('argocd-controller');
}

describe('a few fields on what `kubectl apply` made', () => {
  test('are refused at each sync, and change nothing', async () => {
    patched.commit(partial());

    expect((await refused(1)).message).toContain('client-side apply migration');
    expectUntouched();
  });

  test('are refused also with an annotation on the object that asks for no migration', async () => {
    bench.kubectl(['delete', 'application', APPLICATION, '--namespace=argocd', '--wait']);
    patched.commit(
      partial((patch) => {
        const annotations = patch.metadata.annotations ?? {};
        const options = `${annotations[SYNC_OPTIONS]},${NO_MIGRATION}`;
        return { ...patch, metadata: { ...patch.metadata, annotations: { ...annotations, [SYNC_OPTIONS]: options } } };
      }),
    );

    expect((await refused(1)).message).toContain('client-side apply migration');
    expectUntouched();
  });

  test('are refused on, with another option on the Application, while the operation that began without it goes on', async () => {
    const { retries } = applicationOf(bench, APPLICATION);
    patched.commit(partial(undefined, [NO_MIGRATION]));

    // The one after the next began after the change for sure.
    expect((await refused(retries + 2)).message).toContain('client-side apply migration');
    expect(at(bench.get('applications.argoproj.io', APPLICATION, 'argocd'), 'spec.syncPolicy.syncOptions')).toContain(
      NO_MIGRATION,
    );
    expectUntouched();
  });

  test('are applied once by an Application that is made anew with it, and then Argo CD owns every field', async () => {
    bench.kubectl(['delete', 'application', APPLICATION, '--namespace=argocd', '--wait']);
    patched.commit(partial(undefined, [NO_MIGRATION]));
    const after = await patched.untilField(COREDNS, 'spec.replicas', 2);

    expect(at(after, 'spec.template.spec.containers')).toHaveLength(1);
    await bench.until('it was said that the next one fails', () =>
      JSON.stringify(bench.get('applications.argoproj.io', APPLICATION, 'argocd')?.status).includes(
        'failed to re-apply configuration',
      )
        ? true
        : undefined,
    );
    const owned = coredns();
    expect(owned && PARTIAL && argosFieldsBeyond(owned, PARTIAL)).toContain('spec.selector');
    expect(owned && PARTIAL && patchOwnership(PARTIAL, APPLICATION, { ok: true, value: owned })).toMatchObject({
      verdict: 'fail',
      expected: expect.stringContaining('a patch that is whole'),
    });
  });

  test('are never applied again: each later commit is refused, also where Argo CD says Synced', async () => {
    const revision = patched.commit(partial((patch) => set(patch, 'spec.replicas', 3) as Manifest, [NO_MIGRATION]));
    await patched.untilCompared(revision);
    const operation = { initiatedBy: { username: 'somebody' }, sync: { syncOptions: [NO_MIGRATION] } };
    const patch = JSON.stringify({ operation });
    bench.kubectl(['patch', 'application', APPLICATION, '--namespace=argocd', '--type=merge', `--patch=${patch}`]);

    expect((await refused(0)).phase).toBe('Failed');
    expect(at(coredns(), 'spec.replicas')).toBe(2);
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

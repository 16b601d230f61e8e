/** Deployments of Helm releases that are kept off a node, through upgrades and rollbacks of either Helm. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster, KeepOff } from '../../../src/cluster/cluster.js';
import { argosFieldsBeyond } from '../../../src/ops/foreign/field-ownership.js';
import { patchOwnership } from '../../../src/ops/foreign/ownership.js';
import { at, set } from '../../support/change.js';
import { objectsOf, pvek8s } from '../../support/clusters.js';
import { type Bench, startBench } from '../bench/bench.js';
import { applicationOf } from '../support/applications.js';
import { releasedBy } from '../world/cloudflared.js';
import { createAs, namespace } from '../world/create.js';
import { HELM_3, HELM_4 } from '../world/helm.js';
import { nodesOf } from '../world/nodes.js';
import { Patched } from './patched.js';

const [FIRST] = pvek8s().keepOff;
if (FIRST === undefined) throw new Error('pvek8s: expected a Deployment that is kept off a node, got none');
const SECOND: KeepOff = { ...FIRST, deployment: 'tunnel' };
const CLUSTER: Cluster = { ...pvek8s(), keepOff: [FIRST, SECOND] };
const APPLICATION = 'selfheal-keep-off';
const DESCRIBED = objectsOf(CLUSTER, 'keep-off');
const EXPRESSIONS =
  'spec.template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';
const IMAGE = 'spec.template.spec.containers[0].image';

const OF_THE_CHART = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] }] }],
    },
  },
};

let bench: Bench;
let patched: Patched;
beforeAll(async () => {
  bench = await startBench({ nodes: nodesOf(CLUSTER), argo: true });
  createAs(bench, 'kubectl-create', [namespace('cloudflared')]);
  HELM_3.install(bench, releasedBy({ name: 'cloudflared', version: '2026.3.0', replicas: 2 }));
  HELM_4.install(bench, releasedBy({ name: 'tunnel', version: '2026.3.0', replicas: 2 }));
  patched = new Patched(bench, CLUSTER, ['keep-off']);
  await patched.sync(patched.files());
}, 180_000);
afterAll(() => bench?.close());

describe.each([
  { title: 'a release of Helm 3', name: 'cloudflared', helm: HELM_3, described: DESCRIBED[0] },
  { title: 'a release of Helm 4', name: 'tunnel', helm: HELM_4, described: DESCRIBED[1] },
])('$title', ({ name, helm, described }) => {
  const place = ['deployment', name, 'cloudflared'] as const;
  const look = () => bench.get(...place);
  const terms = at(described, EXPRESSIONS);

  test('is patched, and Helm keeps every other field', () => {
    const after = look();

    expect(terms).toHaveLength(1);
    expect(at(after, EXPRESSIONS)).toEqual(terms);
    expect(at(after, IMAGE)).toBe('cloudflare/cloudflared:2026.3.0');
    expect(after && described && argosFieldsBeyond(after, described)).toEqual([]);
    expect(after && described && patchOwnership(described, APPLICATION, { ok: true, value: after })).toMatchObject({
      verdict: 'pass',
      found: expect.stringMatching(`^owned by .*helm \\(${helm.operation}\\).*; partial is right`),
    });
  });

  test('is upgraded and rolled back with the patch on it all the time', () => {
    for (const version of ['2026.4.1', '2026.3.0']) {
      helm.upgrade(bench, releasedBy({ name, version, replicas: 3 }));

      expect(at(look(), IMAGE)).toBe(`cloudflare/cloudflared:${version}`);
      expect(at(look(), 'spec.replicas')).toBe(3);
      expect(at(look(), EXPRESSIONS)).toEqual(terms);
    }
  });

  test('whose chart begins to set the same field is an upgrade that fails, or one that is undone', async () => {
    const manifest = releasedBy({ name, version: '2026.4.1', replicas: 2 });
    const upgrade = (): void =>
      helm.upgrade(bench, set(manifest, 'spec.template.spec.affinity', OF_THE_CHART) as typeof manifest);

    if (helm === HELM_4) expect(upgrade).toThrow(/conflict with "argocd-controller".*nodeAffinity/s);
    else upgrade();
    patched.look();

    await patched.untilField(place, EXPRESSIONS, terms);
  });

  test('is patched again after it was uninstalled and installed', async () => {
    const manifest = releasedBy({ name, version: '2026.3.0', replicas: 2 });
    helm.uninstall(bench, manifest);
    patched.look();
    await patched.untilRefused();
    helm.install(bench, manifest);

    const after = await patched.untilField(place, EXPRESSIONS, terms);

    expect(at(after, 'spec.replicas')).toBe(2);
    await bench.until('Synced', () => (applicationOf(bench, APPLICATION).sync === 'Synced' ? true : undefined));
  });

  test('may go anywhere when its patch alone is taken back, and Helm upgrades it on', async () => {
    const before = look();
    await patched.sync(patched.files({ retiring: [`keep-off/cloudflared/${name}`] }));

    const after = await patched.untilField(place, 'spec.template.spec.affinity', undefined);
    helm.upgrade(bench, releasedBy({ name, version: '2026.5.0', replicas: 2 }));

    expect(after.metadata.uid).toBe(before?.metadata.uid);
    expect(at(after, 'spec.template.spec.containers')).toEqual(at(before, 'spec.template.spec.containers'));
    expect(at(look(), IMAGE)).toBe('cloudflare/cloudflared:2026.5.0');
    for (const other of DESCRIBED.filter(({ metadata }) => metadata.name !== name))
      expect(at(bench.get('deployment', other.metadata.name, 'cloudflared'), EXPRESSIONS)).toEqual(
        at(other, EXPRESSIONS),
      );
  });
});

test('a release that is kept off no node any more stays when its file goes', async () => {
  const uid = bench.get('deployment', 'tunnel', 'cloudflared')?.metadata.uid;
  const revision = patched.commit(patched.files({ keepOff: [FIRST] }));
  await patched.untilCompared(revision);
  const status = await bench.until('compared', () => {
    const found = applicationOf(bench, APPLICATION);
    return found.sync === 'OutOfSync' ? found : undefined;
  });

  expect(status.resources.get('Deployment cloudflared/tunnel')).toBe('OutOfSync');
  expect(bench.get('deployment', 'tunnel', 'cloudflared')?.metadata.uid).toBe(uid);
});

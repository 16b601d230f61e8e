/** `selfheal check` and `selfheal retire`, as a person runs them beside a cluster. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { at } from '../../support/change.js';
import { MINIMAL_SPEC } from '../../support/clusters.js';
import { PROGRAM } from '../../support/program.js';
import { type Bench, startBench } from '../bench/bench.js';
import { installCloudflared } from '../world/cloudflared.js';
import { installK3sCoredns } from '../world/k3s.js';
import { installLonghorn } from '../world/longhorn.js';
import { enableDns } from '../world/microk8s.js';
import { type DescribedPlace, describedPlace } from './described-place.js';

const APPLICATION = 'selfheal-coredns';
const PATCH = ['retire', 'coredns', '--context=bench'] as const;
const OWNERS = ['check', '--context=bench', '--only=patch-ownership'] as const;

let bench: Bench;
let place: DescribedPlace;
beforeAll(async () => {
  bench = await startBench({ nodes: ['lamp', 'jarvis', 'k8s01'].map((name) => ({ name })), argo: true });
  place = describedPlace(bench);
  place.describeCluster({ dns: { replicas: 1 } });
}, 180_000);
afterAll(async () => {
  place?.remove();
  await bench?.close();
});

test('check cannot tell who will own an object that is not there', () => {
  const { status, stdout } = place.selfheal(...OWNERS);

  expect(stdout).toMatch(/^unknown patch-ownership: Deployment kube-system\/coredns\n +why +there is no such object/m);
  expect(status).toBe(2);
});

test('check says that partial is right where k3s wrote the object', () => {
  installK3sCoredns(bench, 'lamp');
  const { status, stdout } = place.selfheal(...OWNERS, '-o', 'json');

  expect(JSON.parse(stdout)).toMatchObject({
    verdict: 'pass',
    results: [{ found: expect.stringContaining('owned by deploy@lamp (Update); partial is right') }],
  });
  expect(status).toBe(0);
});

test('check cannot tell what it may not read', () => {
  bench.kubectl(['create', 'serviceaccount', 'nobody', '--namespace=default']);
  const kubeconfig = bench.kubeconfigFor({ namespace: 'default', name: 'nobody' });
  const { status, stdout } = place.run(process.execPath, [PROGRAM, ...OWNERS], kubeconfig);

  expect(stdout).toMatch(/^unknown patch-ownership: .*\n +why +.*403 Forbidden/m);
  expect(status).toBe(2);
});

test('check refuses another cluster', () => {
  const { nodes } = MINIMAL_SPEC;
  place.describeCluster({ nodes: { candle: nodes.lamp } });
  const { status, stderr } = place.selfheal('check', '--context=bench');
  place.describeCluster({ dns: { replicas: 1 } });

  expect(stderr).toContain(
    '--context: expected the cluster attic with the nodes candle, got "bench" with jarvis, k8s01, lamp',
  );
  expect(status).toBe(2);
});

test('check says of each owner which form is right', () => {
  installLonghorn(bench, { version: '1.11.3', sidecars: 2 });
  installCloudflared(bench, 2);
  const of = (cluster: string) => {
    const where = ['--clusters', resolve('src/clusters'), '--cluster', cluster];
    return place.selfheal(...OWNERS, ...where);
  };

  const homelab = of('homelab');
  expect(homelab.stdout).toContain('Deployment kube-system/coredns: owned by deploy@lamp (Update); partial is right');
  expect(homelab.stdout).toContain(
    'Deployment longhorn-system/csi-attacher: owned by longhorn-manager (Update); partial is right',
  );
  expect(homelab.stdout).not.toMatch(/^(fail|unknown)/m);
  expect(homelab.status).toBe(0);

  const before = of('pvek8s');
  expect(before.stdout).toContain(
    'pass    patch-ownership: Deployment cloudflared/cloudflared: owned by helm (Update)',
  );
  expect(before.stdout).toMatch(
    /^fail .*coredns\n +expected +a patch that is partial: .*\n +found .*the patch is whole$/m,
  );
  expect(before.status).toBe(1);

  bench.kubectl(['delete', 'deployment', 'coredns', '--namespace=kube-system', '--wait']);
  enableDns(bench);
  const after = of('pvek8s');
  expect(after.stdout).toContain(
    'Deployment kube-system/coredns: owned by kubectl-client-side-apply (Update); whole is right',
  );
  expect(after.status).toBe(0);
  expect(of('homelab').stdout).toMatch(
    /^fail .*coredns\n +expected +a patch that is whole: .*\n +found .*the patch is partial$/m,
  );

  bench.kubectl(['delete', 'deployment', 'coredns', '--namespace=kube-system', '--wait']);
  for (const kind of ['configmap', 'serviceaccount']) bench.run(['delete', kind, 'coredns', '--namespace=kube-system']);
  installK3sCoredns(bench, 'lamp');
});

test('retire makes the first commit, of its own files alone', async () => {
  expect(place.selfheal('synth').status).toBe(0);
  place.git('add', '--all');
  place.git('commit', '--quiet', '-m', 'first');
  place.push();
  bench.kubectl(['apply', '--server-side', '-f', join(place.folder, 'dist/attic/argocd')]);
  await place.synced(APPLICATION);
  expect(at(bench.get('deployment', 'coredns', 'kube-system'), 'spec.template.spec.affinity')).toBeDefined();
  writeFileSync(join(place.folder, 'note.txt'), 'mine\n');
  place.git('add', 'note.txt');

  const { status, said } = place.selfheal('retire', 'coredns', '--apply');

  expect(said).toContain('the first of two commits');
  expect(status).toBe(0);
  expect(place.git('show', '--name-only', '--format=').split('\n')).toEqual([
    'clusters/attic.json',
    'dist/attic/coredns/deployment-coredns.yaml',
  ]);
  expect(place.git('status', '--porcelain')).toBe('A  note.txt');
  expect(place.selfheal('synth', '--check').status).toBe(0);
}, 240_000);

test('retire says that the second must wait while the first is not live', () => {
  const { status, stdout } = place.selfheal(...PATCH);

  expect(stdout).toMatch(/^fail {4}Deployment kube-system\/coredns: expected the first commit on it/m);
  expect(status).toBe(1);
});

test('retire refuses the second while the first is not live, and writes nothing', () => {
  const head = place.git('rev-parse', 'HEAD');
  place.describeCluster({});
  const { status, stdout } = place.selfheal(...PATCH, '--apply');
  place.git('checkout', '--quiet', '--', 'clusters');

  expect(stdout).toContain('the second commit must wait');
  expect(status).toBe(1);
  expect(place.git('rev-parse', 'HEAD')).toBe(head);
});

test('retire cannot tell without an answer, and refuses', () => {
  place.describeCluster({});
  const { status, said } = place.selfheal(...PATCH.slice(0, 2), '--apply', '--context=nowhere');
  place.git('checkout', '--quiet', '--', 'clusters');

  expect(said).toContain('nowhere');
  expect(status).toBe(2);
});

test('retire makes the second when the first is live, and CoreDNS stays', async () => {
  place.push();
  await place.synced(APPLICATION);
  await bench.until('our fields are gone', () =>
    at(bench.get('deployment', 'coredns', 'kube-system'), 'spec.template.spec.affinity') === undefined
      ? true
      : undefined,
  );
  expect(place.selfheal(...PATCH)).toMatchObject({ status: 0 });
  const uid = bench.get('deployment', 'coredns', 'kube-system')?.metadata.uid;

  place.describeCluster({});
  const { status, said } = place.selfheal(...PATCH, '--apply');
  expect(said).toContain('kubectl -n argocd delete application selfheal-coredns');
  expect(status).toBe(0);
  place.push();
  bench.kubectl(['delete', 'application', APPLICATION, '--namespace=argocd', '--wait']);

  expect(bench.get('deployment', 'coredns', 'kube-system')?.metadata.uid).toBe(uid);
  expect(place.git('ls-files', 'dist/attic/coredns')).toBe('');
  expect(place.selfheal('retire', 'coredns').stdout).toContain('there is nothing to take back');
}, 240_000);

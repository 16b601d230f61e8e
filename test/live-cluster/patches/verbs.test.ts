/** `selfheal check` and `selfheal retire`, as a person runs them beside a cluster. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { at } from '../../support/change.js';
import { MINIMAL_SPEC } from '../../support/clusters.js';
import { PROGRAM, workspace } from '../../support/program.js';
import { type Bench, startBench } from '../bench/bench.js';
import { applicationOf } from '../support/applications.js';
import { installCloudflared } from '../world/cloudflared.js';
import { installK3sCoredns } from '../world/k3s.js';
import { installLonghorn } from '../world/longhorn.js';
import { enableDns } from '../world/microk8s.js';

const APPLICATION = 'selfheal-coredns';
const PATCH = ['retire', 'coredns', '--context=bench'] as const;

let bench: Bench;
let place: ReturnType<typeof workspace>;
beforeAll(async () => {
  bench = await startBench({ nodes: ['lamp', 'jarvis', 'k8s01'].map((name) => ({ name })), argo: true });
  place = workspace();
  describeCluster({ dns: { replicas: 1 } });
  git('init', '--quiet', '--initial-branch=main');
}, 180_000);
afterAll(async () => {
  place?.remove();
  await bench?.close();
});

function describeCluster(change: object): void {
  const spec = { ...MINIMAL_SPEC, gitops: { repoUrl: bench.repository.url }, ...change };
  place.put('clusters/attic.json', JSON.stringify(spec, undefined, 2));
}

const ENV = {
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.org',
};

function run(program: string, args: readonly string[], kubeconfig = bench.kubeconfig) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: place.folder,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...ENV, PATH: process.env.PATH, HOME: place.folder, KUBECONFIG: kubeconfig },
  });
  return { status, stdout, stderr, said: `${stdout}${stderr}` };
}
function git(...args: readonly string[]): string {
  const { status, stdout, stderr } = run('git', args);
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}
const selfheal = (...args: readonly string[]) => run(process.execPath, [PROGRAM, ...args]);
const push = (): void => void git('push', '--quiet', bench.repository.url, 'HEAD:refs/heads/main');

async function synced(): Promise<void> {
  const head = git('rev-parse', 'HEAD');
  bench.refresh(APPLICATION);
  await bench.until(
    'synced',
    () => {
      const { sync, revision, phase, message } = applicationOf(bench, APPLICATION);
      if (sync === 'Synced' && revision === head && phase === 'Succeeded') return true;
      throw new Error(`${sync} with ${revision}, ${phase}: ${message}`);
    },
    120,
  );
}

test('check cannot tell who will own an object that is not there', () => {
  const { status, stdout } = selfheal('check', '--context=bench');

  expect(stdout).toContain('unknown patch-ownership: Deployment kube-system/coredns: there is no such object');
  expect(status).toBe(2);
});

test('check says that partial is right where k3s wrote the object', () => {
  installK3sCoredns(bench, 'lamp');
  const { status, stdout } = selfheal('check', '--context=bench', '-o', 'json');

  expect(JSON.parse(stdout)).toMatchObject({
    verdict: 'pass',
    results: [{ found: expect.stringContaining('owned by deploy@lamp (Update); partial is right') }],
  });
  expect(status).toBe(0);
});

test('check cannot tell what it may not read', () => {
  bench.kubectl(['create', 'serviceaccount', 'nobody', '--namespace=default']);
  const kubeconfig = bench.kubeconfigFor({ namespace: 'default', name: 'nobody' });
  const { status, stdout } = run(process.execPath, [PROGRAM, 'check', '--context=bench'], kubeconfig);

  expect(stdout).toMatch(/^unknown patch-ownership: .*(403|forbidden)/im);
  expect(status).toBe(2);
});

test('check refuses another cluster', () => {
  const { nodes } = MINIMAL_SPEC;
  describeCluster({ nodes: { candle: nodes.lamp } });
  const { status, stderr } = selfheal('check', '--context=bench');
  describeCluster({ dns: { replicas: 1 } });

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
    return selfheal('check', '--context=bench', '--only=patch-ownership', ...where);
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
  expect(before.stdout).toMatch(/^fail .*coredns: .*expected a patch that is partial .* got one that is whole/m);
  expect(before.status).toBe(1);

  bench.kubectl(['delete', 'deployment', 'coredns', '--namespace=kube-system', '--wait']);
  enableDns(bench);
  const after = of('pvek8s');
  expect(after.stdout).toContain(
    'Deployment kube-system/coredns: owned by kubectl-client-side-apply (Update); whole is right',
  );
  expect(after.status).toBe(0);
  expect(of('homelab').stdout).toMatch(/^fail .*coredns: .*expected a patch that is whole .* got one that is partial/m);

  bench.kubectl(['delete', 'deployment', 'coredns', '--namespace=kube-system', '--wait']);
  for (const kind of ['configmap', 'serviceaccount']) bench.run(['delete', kind, 'coredns', '--namespace=kube-system']);
  installK3sCoredns(bench, 'lamp');
});

test('retire makes the first commit, of its own files alone', async () => {
  expect(selfheal('synth').status).toBe(0);
  git('add', '--all');
  git('commit', '--quiet', '-m', 'first');
  push();
  bench.kubectl(['apply', '--server-side', '-f', join(place.folder, 'dist/attic/argocd')]);
  await synced();
  expect(at(bench.get('deployment', 'coredns', 'kube-system'), 'spec.template.spec.affinity')).toBeDefined();
  writeFileSync(join(place.folder, 'note.txt'), 'mine\n');
  git('add', 'note.txt');

  const { status, said } = selfheal('retire', 'coredns', '--apply');

  expect(said).toContain('the first of two commits');
  expect(status).toBe(0);
  expect(git('show', '--name-only', '--format=').split('\n')).toEqual([
    'clusters/attic.json',
    'dist/attic/coredns/deployment-coredns.yaml',
  ]);
  expect(git('status', '--porcelain')).toBe('A  note.txt');
  expect(selfheal('synth', '--check').status).toBe(0);
}, 240_000);

test('retire says that the second must wait while the first is not live', () => {
  const { status, stdout } = selfheal(...PATCH);

  expect(stdout).toMatch(/^fail {4}Deployment kube-system\/coredns: expected the first commit on it/m);
  expect(status).toBe(1);
});

test('retire refuses the second while the first is not live, and writes nothing', () => {
  const head = git('rev-parse', 'HEAD');
  describeCluster({});
  const { status, stdout } = selfheal(...PATCH, '--apply');
  git('checkout', '--quiet', '--', 'clusters');

  expect(stdout).toContain('the second commit must wait');
  expect(status).toBe(1);
  expect(git('rev-parse', 'HEAD')).toBe(head);
});

test('retire cannot tell without an answer, and refuses', () => {
  describeCluster({});
  const { status, said } = selfheal(...PATCH.slice(0, 2), '--apply', '--context=nowhere');
  git('checkout', '--quiet', '--', 'clusters');

  expect(said).toContain('nowhere');
  expect(status).toBe(2);
});

test('retire makes the second when the first is live, and CoreDNS stays', async () => {
  push();
  await synced();
  await bench.until('our fields are gone', () =>
    at(bench.get('deployment', 'coredns', 'kube-system'), 'spec.template.spec.affinity') === undefined
      ? true
      : undefined,
  );
  expect(selfheal(...PATCH)).toMatchObject({ status: 0 });
  const uid = bench.get('deployment', 'coredns', 'kube-system')?.metadata.uid;

  describeCluster({});
  const { status, said } = selfheal(...PATCH, '--apply');
  expect(said).toContain('kubectl -n argocd delete application selfheal-coredns');
  expect(status).toBe(0);
  push();
  bench.kubectl(['delete', 'application', APPLICATION, '--namespace=argocd', '--wait']);

  expect(bench.get('deployment', 'coredns', 'kube-system')?.metadata.uid).toBe(uid);
  expect(git('ls-files', 'dist/attic/coredns')).toBe('');
  expect(selfheal('retire', 'coredns').stdout).toContain('there is nothing to take back');
}, 240_000);

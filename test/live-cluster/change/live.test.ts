/** `selfheal diff --live`: what a sync would do to a real cluster as it is, to an administrator and to a reader. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTree } from '../../../src/argo/read-tree.js';
import { run, terminal } from '../../../src/commands/run.js';
import type { Files } from '../../../src/manifest/layout.js';
import type { ObjectChange } from '../../../src/ops/change/object-change.js';
import type { Report } from '../../../src/ops/change/report.js';
import { review } from '../../../src/ops/change/review.js';
import { type Bench, startBench } from '../bench/bench.js';
import { type FaultyProxy, startFaultyProxy } from '../bench/faulty-proxy.js';
import { applicationsOf, untilSynced } from '../support/applications.js';
import { namespace } from '../world/create.js';
import { AFTER, application, BEFORE, NAMESPACE, repositoryFiles } from './change-world.js';

let bench: Bench;
let proxy: FaultyProxy;
let reader: string;
let old: Files;
let now: Files;

beforeAll(async () => {
  bench = await startBench({ nodes: [{ name: 'one' }], argo: true });
  bench.apply([namespace(NAMESPACE)], { manager: 'test' });
  old = repositoryFiles(BEFORE, bench.repository.url, false);
  now = repositoryFiles(AFTER, bench.repository.url, true);
  const revision = bench.repository.commit(old, 'before');
  bench.apply([application('root', bench.repository.url)], { manager: 'test', serverSide: true });
  await bench.until('all Applications are there', () => applicationsOf(bench).length === 17 || undefined);
  const names = applicationsOf(bench).map(({ name }) => name);
  await untilSynced(bench, names, revision);
  await bench.parts.stop('argocd-controller');
  write('old', old);
  write('now', now);
  reader = kubeconfigOfReader();
  proxy = await startFaultyProxy(bench);
}, 240_000);
afterAll(async () => {
  await proxy?.close();
  await bench?.close();
});

function write(folder: string, files: Files): void {
  for (const [path, text] of files) {
    const file = join(bench.folder, folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  execFileSync('git', ['init', '--quiet', join(bench.folder, folder)]);
}

/** May read everything but Secrets, and write nothing, not even as a dry run. */
function kubeconfigOfReader(): string {
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'only-reads' };
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const groups = ['apps', 'batch', 'argoproj.io', 'rbac.authorization.k8s.io', 'storage.k8s.io'];
  const core = ['configmaps', 'services', 'persistentvolumeclaims', 'namespaces'];
  const rules = [
    { apiGroups: groups, resources: ['*'], verbs: ['get'] },
    { apiGroups: [''], resources: core, verbs: ['get'] },
  ];
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'readers' }];
  bench.apply(
    [
      { apiVersion, kind: 'ClusterRole', metadata: { name: 'only-reads' }, rules },
      { apiVersion, kind: 'ClusterRoleBinding', metadata: { name: 'only-reads' }, roleRef, subjects },
    ],
    { manager: 'test' },
  );
  const config = JSON.parse(readFileSync(bench.kubeconfig, 'utf8'));
  for (const { user } of config.users) Object.assign(user, { as: 'reader', 'as-groups': ['readers'] });
  const file = join(bench.folder, 'kubeconfig-reader');
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

async function diff(folder: string, kubeconfig = bench.kubeconfig, ...args: readonly string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    ...terminal,
    out: (line: string) => out.push(line),
    err: (line: string) => err.push(line),
    exists: () => false,
  };
  const words = ['--live', '--context', 'bench', '--kubeconfig', kubeconfig, '--dist', join(bench.folder, folder)];
  const status = await run(['diff', ...words, ...args], io);
  return { status, out: out.join('\n'), err: err.join('\n') };
}

async function report(folder: string, kubeconfig = bench.kubeconfig) {
  const { status, out, err } = await diff(folder, kubeconfig, '-o', 'json');
  expect(err).toBe('');
  return { ...(JSON.parse(out) as Report), status };
}

const nameOf = ({ object }: ObjectChange): string => `${object.kind} ${object.name}`;

/** What becomes of each object, without the one that is never read. */
const effects = (changes: readonly ObjectChange[]) =>
  Object.fromEntries(
    changes
      .filter(({ object }) => object.kind !== 'Secret')
      .map((change) => [nameOf(change), `${change.effect} ${change.weight}`])
      .sort(),
  );

const changeOf = ({ changes }: Report, name: string): ObjectChange | undefined =>
  changes.find((change) => nameOf(change) === name);

const SECRET = { subject: `Secret ${NAMESPACE}/typed`, why: 'Secrets are not read' };

test('sees no change where the cluster is as head, and does not call that none: there is a Secret', async () => {
  const { status, changes, unknown, predicted } = await report('old');

  expect(effects(changes)).toEqual({});
  expect(unknown).toEqual([SECRET]);
  expect(predicted).toBe(0);
  expect(status).toBe(2);
});

test('says so in the first line', async () => {
  const { out } = await diff('old');

  expect(out).toMatch(/^cluster bench → the working tree: no change seen, 1 cannot be told\n/);
  expect(out).toContain(`Secret ${NAMESPACE}/typed: Secrets are not read`);
});

test('says of a cluster that is in step what the comparison of the two commits says', async () => {
  const { status, changes } = await report('now');

  expect(status).toBe(1);
  // Of an Application whose folder is gone, nothing is looked at: it says that it was not compared.
  const { 'ConfigMap without-folder': frozen, ...others } = effects(review(readTree(old, ''), readTree(now, '')));
  expect(frozen).toBe('frozen care');
  expect(effects(changes)).toEqual(others);
});

test('says the same to somebody who may only read, and that it was not asked', async () => {
  const asked = await report('now');
  const read = await report('now', reader);

  expect(effects(read.changes)).toEqual(effects(asked.changes));
  expect(read.predicted).toBeGreaterThan(10);
  expect(read.unknown).toEqual(asked.unknown);
});

test('sends nothing that writes, and reads no Secret', async () => {
  await diff('now', proxy.kubeconfig(bench.kubeconfig));

  const writing = proxy.requests.filter(
    ({ method, query }) => method !== 'GET' && !(method === 'PATCH' && query.get('dryRun') === 'All'),
  );
  expect(proxy.requests.length).toBeGreaterThan(30);
  expect(writing).toEqual([]);
  expect(proxy.requests.filter(({ path }) => path.includes('/secrets'))).toEqual([]);
});

test('gives the reason that the API server gave for what it refuses', async () => {
  const found = changeOf(await report('now'), 'PersistentVolumeClaim data');

  expect(found?.consequences.join(' ')).toMatch(/The API server refuses it.*spec is immutable/);
});

test('refuses a cluster whose Applications read other folders', async () => {
  const moved = new Map(
    [...now].map(([path, text]) => [path, text.replaceAll(/path: (work|apps)/g, 'path: other/$1')]),
  );
  write('elsewhere', new Map([...moved].map(([path, text]) => [`other/${path}`, text])));

  const { status, err } = await diff('elsewhere');

  expect(status).toBe(2);
  expect(err).toMatch(
    /--context: expected a cluster whose Applications read "other\/work\/binding" and others, got "bench", where they read "work\/binding"/,
  );
});

test('says what a sync would do to what was changed by hand, to both alike', async () => {
  const patch = (kind: string, name: string, change: unknown, where = NAMESPACE): void => {
    bench.kubectl(['patch', kind, name, `--namespace=${where}`, '--type=merge', '-p', JSON.stringify(change)]);
  };
  bench.kubectl(['delete', 'configmap', 'in-place', `--namespace=${NAMESPACE}`]);
  patch('deployment', 'small', { spec: { replicas: 0 } });
  patch('configmap', 'stays-in-git', { data: { value: 'by hand' } });
  const mark = 'argocd.argoproj.io/tracking-id';
  patch('configmap', 'was-there', { metadata: { annotations: { [mark]: null } } });
  patch('configmap', 'waits', { metadata: { annotations: { [mark]: `away:/ConfigMap:${NAMESPACE}/waits` } } });
  const off = { spec: { syncPolicy: { automated: { enabled: false } } } };
  patch('applications.argoproj.io', 'pruning', off, 'argocd');
  const keep = { metadata: { annotations: { 'argocd.argoproj.io/sync-options': 'Prune=false' } } };
  patch('configmap', 'moves-with-a-gap', keep);

  const [asked, read] = [await report('old'), await report('old', reader)];

  expect(effects(asked.changes)).toEqual({
    'ConfigMap in-place': 'created plain',
    'ConfigMap stays-in-git': 'changed plain',
    'ConfigMap waits': 'moved danger',
    'ConfigMap was-there': 'moved care',
    'Deployment small': 'changed plain',
  });
  expect(changeOf(asked, 'ConfigMap stays-in-git')?.fields).toEqual([
    { path: 'data.value', before: 'by hand', after: 'same' },
  ]);
  expect(changeOf(asked, 'ConfigMap waits')).toMatchObject({ formerly: 'away' });
  expect(effects(read.changes)).toEqual(effects(asked.changes));
});

test('knows a protection and an automation that only the cluster has', async () => {
  const { changes } = await report('now');

  // Neither is in Git, and neither does Argo CD undo.
  expect(effects(changes)).toMatchObject({ 'ConfigMap leaves-git': 'orphaned care' });
});

test('does not take what it may not read for something that stays', async () => {
  const rules = [{ apiGroups: ['apps', 'argoproj.io'], resources: ['*'], verbs: ['get'] }];
  bench.kubectl(['patch', 'clusterrole', 'only-reads', '--type=merge', '-p', JSON.stringify({ rules })]);
  const { changes, unknown, status } = await report('now', reader);

  expect(status).toBe(1);
  expect(changes.find((change) => nameOf(change) === 'ConfigMap goes-with-it')).toMatchObject({ effect: 'pruned' });
  expect(unknown).toContainEqual({
    subject: `ConfigMap ${NAMESPACE}/goes-with-it`,
    why: expect.stringMatching(/^whether it may be pruned: .*forbidden/),
  });
  expect(unknown.map(({ subject }) => subject)).toContain(`ConfigMap ${NAMESPACE}/stays-in-git`);
});

test('2 where nobody answers: it is not a cluster without a change', async () => {
  await bench.parts.stop('apiserver');

  const { status, out } = await diff('now', bench.kubeconfig, '--timeout', '2s');

  expect(status).toBe(2);
  expect(out).toMatch(/no change seen, \d+ cannot be told/);
});

/** All cases at once: one repository, an Application for each, and a root that syncs the Applications. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readTree } from '../../../src/argo/read-tree.js';
import type { Tree } from '../../../src/argo/tree.js';
import type { Files } from '../../../src/manifest/layout.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { toYaml } from '../../../src/manifest/yaml.js';
import { PROGRAM } from '../../support/program.js';
import type { Bench } from '../bench/bench.js';
import { applicationsOf, untilSynced } from '../support/applications.js';
import { type ApplicationFields, type Case, configMap, namespaceOf } from './case.js';

/** What the tree is read from; other folders of the repository are elsewhere to it. */
const FOLDER = 'vet';

export interface Stage {
  readonly base: Tree;
  readonly head: Tree;
  /** What `selfheal vet --live` said before head was committed: to an administrator, and to who may only read. */
  readonly live: readonly LiveVet[];
}

interface LiveVet {
  readonly status: number | null;
  readonly stderr: string;
  readonly findings: readonly {
    readonly rule: string;
    readonly application: string;
    readonly object: string;
    readonly found: string;
  }[];
  readonly unknown: readonly { readonly subject: string }[];
}

/** What a commit holds for one case. */
const sideOf = (each: Case, stage: 'base' | 'head' | 'later') =>
  stage === 'later' ? (each.later ?? each.head) : each[stage];

function filesOf(cases: readonly Case[], stage: 'base' | 'head' | 'later', url: string, others: Files): Files {
  const files = new Map<string, string>(others);
  files.set(
    `${FOLDER}/argocd/root.yaml`,
    toYaml(application('root', 'argocd', `${FOLDER}/argocd`, url, { policy: { retry: { limit: -1 } } })),
  );
  for (const each of cases) {
    const { rule, isAlone } = each;
    const { objects, application: fields } = sideOf(each, stage);
    const folder = `${FOLDER}/${rule}`;
    if (fields !== null)
      files.set(
        `${FOLDER}/argocd/${rule}.yaml`,
        toYaml(application(rule, namespaceOf(rule), folder, url, fields ?? {})),
      );
    const all = [...objects, ...(isAlone ? [] : [configMap(rule, 'stays')])];
    all.forEach((manifest, index) => {
      files.set(`${folder}/${index}-${manifest.metadata.name}.yaml`, toYaml(manifest));
    });
    // A folder without a file is no folder to Git.
    files.set(`${folder}/README.md`, rule);
  }
  return files;
}

const application = (
  name: string,
  namespace: string,
  path: string,
  repoURL: string,
  { metadata, policy, spec }: ApplicationFields,
): Manifest => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name, namespace: 'argocd', ...metadata },
  spec: {
    project: 'default',
    destination: { server: 'https://kubernetes.default.svc', namespace },
    source: { repoURL, targetRevision: 'main', path },
    syncPolicy: {
      automated: { prune: true, selfHeal: true },
      syncOptions: ['ServerSideApply=true'],
      retry: { limit: 1, backoff: { duration: '1s', maxDuration: '1s' } },
      ...policy,
    },
    ...spec,
  },
});

const treeOf = (files: Files): Tree =>
  readTree(
    new Map(
      [...files].flatMap(([path, text]) => (path.startsWith(`${FOLDER}/`) ? [[path.slice(4), text] as const] : [])),
    ),
    FOLDER,
  );

/** Commits base, head and what comes later, and does by hand what the cases ask for in between. */
export async function play(bench: Bench, cases: readonly Case[], others: Files): Promise<Stage> {
  const { url } = bench.repository;
  bench.apply(
    cases.map(({ rule }) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespaceOf(rule) } })),
    { manager: 'bench', serverSide: true },
  );
  for (const { prepare } of cases) prepare?.(bench);

  const base = filesOf(cases, 'base', url, others);
  const first = bench.repository.commit(base, 'base');
  bench.kubectl(['apply', '--server-side', '--filename=-'], base.get(`${FOLDER}/argocd/root.yaml`));
  const synced = cases.filter(
    ({ base: { application: fields }, isBaseSynced = true }) => isBaseSynced && fields !== null,
  );
  await untilSynced(bench, ['root', ...synced.map(({ rule }) => rule)], first, 120);
  for (const { meanwhile } of cases) meanwhile?.(bench);

  const head = filesOf(cases, 'head', url, others);
  const live = [bench.kubeconfig, readerOf(bench)].map((kubeconfig) => vetLive(bench, head, kubeconfig));
  const second = await commitAndWait(bench, head, 'head');
  const goOn = cases.filter(({ later, head: { application: fields } }) => later !== undefined && fields !== null);
  await untilSynced(
    bench,
    goOn.map(({ rule }) => rule),
    second,
    120,
  );
  for (const { afterwards } of cases) afterwards?.(bench);
  await commitAndWait(bench, filesOf(cases, 'later', url, others), 'later');
  return { base: treeOf(base), head: treeOf(head), live };
}

/** As an operator runs it, in a clone that has head on its disk. */
function vetLive(bench: Bench, head: Files, kubeconfig: string): LiveVet {
  const clone = mkdtempSync(join(bench.folder, 'clone-'));
  execFileSync('git', ['clone', '--quiet', bench.repository.url, clone]);
  rmSync(join(clone, FOLDER), { recursive: true });
  for (const [path, text] of head) {
    mkdirSync(dirname(join(clone, path)), { recursive: true });
    writeFileSync(join(clone, path), text);
  }
  const words = ['vet', '--dist', join(clone, FOLDER), '--live', '--context', 'bench', '--kubeconfig', kubeconfig];
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...words, '-o', 'json'], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: bench.folder, SELFHEAL_BENCH: bench.folder },
  });
  if (stdout === '') throw new Error(`vet --live: expected findings, got status ${status}: ${stderr}`);
  return { ...(JSON.parse(stdout) as Pick<LiveVet, 'findings' | 'unknown'>), status, stderr };
}

/** Somebody who may get everything but Secrets, and change nothing. */
function readerOf(bench: Bench): string {
  const rules = [
    { apiGroups: ['*'], resources: ['applications', 'appprojects', 'customresourcedefinitions'], verbs: ['get'] },
    { apiGroups: ['', 'apps', 'batch', 'networking.k8s.io'], resources: ['*'], verbs: ['get'] },
    { apiGroups: ['rbac.authorization.k8s.io', 'versions.example.org'], resources: ['*'], verbs: ['get'] },
  ];
  const [apiVersion, apiGroup] = ['rbac.authorization.k8s.io/v1', 'rbac.authorization.k8s.io'];
  const metadata = { name: 'vet-reader' };
  bench.apply(
    [
      { apiVersion, kind: 'ClusterRole', metadata, rules },
      {
        ...{ apiVersion, kind: 'ClusterRoleBinding', metadata },
        roleRef: { apiGroup, kind: 'ClusterRole', name: 'vet-reader' },
        subjects: [{ apiGroup, kind: 'User', name: 'reader' }],
      },
    ],
    { manager: 'bench', serverSide: true },
  );
  const config = JSON.parse(readFileSync(bench.kubeconfig, 'utf8'));
  for (const { user } of config.users) Object.assign(user, { as: 'reader' });
  const file = join(bench.folder, 'kubeconfig-vet-reader');
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

/** Until every Application was compared with the commit. */
async function commitAndWait(bench: Bench, files: Files, message: string): Promise<string> {
  const revision = bench.repository.commit(files, message);
  const refresh = (): void => {
    bench.kubectl([
      ...['annotate', 'applications.argoproj.io', '--all', '--namespace=argocd', '--overwrite'],
      'argocd.argoproj.io/refresh=hard',
    ]);
  };
  refresh();
  await untilSynced(bench, ['root'], revision, 120);
  refresh();
  await bench.until(
    `every Application was compared with ${message}`,
    () => {
      const late = applicationsOf(bench).filter(({ revision: seen }) => seen !== revision);
      if (late.length === 0) return true;
      throw new Error(late.map(({ name, message: said }) => `${name}: ${said}`).join('\n'));
    },
    120,
  );
  return revision;
}

/**
 * Argo CD's own objects: one AppProject, one Application for each folder, and the root that syncs them.
 *
 * They live in the folder `argocd` and are applied once by hand; afterwards the root keeps them in step. None of them
 * is ever pruned or deleted with its parent: a control plane was once wiped by accident.
 */
import type { App } from 'cdk8s';
import { Application, type ApplicationSpec, AppProject } from '../../imports/argoproj.io.js';
import type { Cluster } from '../cluster/cluster.js';
import { ApplicationChart, type HelmSource, isApplicationChart, type Ownership } from './application-chart.js';
import { applicationName } from './application-name.js';
import { type ApplicationSyncOption, COMPARE_OPTIONS, PROTECTED, syncOptions } from './sync-options.js';

const FOLDER = 'argocd';
const THIS_CLUSTER = 'https://kubernetes.default.svc';

/**
 * Without a limit: once the retries of a revision run out, Argo CD never tries it again, and what was missing for a
 * few minutes (a CRD, an API server, an object that its owner creates anew) stays missing until the next commit.
 *
 * With a refresh before each try: otherwise it goes on with the commit that cannot be applied, and never comes to the
 * one that mends it.
 */
const RETRY = { limit: -1, refresh: true, backoff: { duration: '5s', factor: 2, maxDuration: '3m' } } as const;

const OPTIONS: Readonly<Record<Ownership, readonly ApplicationSyncOption[]>> = {
  owned: ['FailOnSharedResource=true', 'ServerSideApply=true'],
  'foreign-patch': ['FailOnSharedResource=true', 'ServerSideApply=true'],
  helm: ['FailOnSharedResource=true', 'ServerSideApply=true', 'CreateNamespace=true'],
};

/** Adds the folder `argocd` for all Applications that the app holds so far. */
export function addArgoObjects(app: App, cluster: Cluster): void {
  const charts = app.node.children.filter(isApplicationChart);
  const { gitops } = cluster;
  const project = `${gitops.applicationPrefix}${cluster.name}`;
  const argocd = new ApplicationChart(app, FOLDER, {
    ownership: 'owned',
    description: 'Argo CD objects of the healing layer.',
    namespaces: [gitops.namespace],
  });

  addProject(argocd, project, cluster, charts);
  addApplication(argocd, cluster, applicationName(cluster, 'root'), project, {
    ...argocd.props,
    description: 'Root: every Application of the healing layer, and itself.',
    folder: FOLDER,
    prune: false,
  });
  for (const chart of charts) {
    const folder = chart.node.id;
    const prune = chart.props.ownership === 'owned';
    addApplication(argocd, cluster, applicationName(cluster, folder), project, { ...chart.props, folder, prune });
  }
}

function addProject(
  scope: ApplicationChart,
  name: string,
  cluster: Cluster,
  charts: readonly ApplicationChart[],
): void {
  const { gitops } = cluster;
  const helm = charts.flatMap(({ props }) => (props.helm ? [props.helm] : []));
  const namespaces = [gitops.namespace, ...charts.flatMap(({ props }) => props.namespaces)];
  const kinds = charts.flatMap(({ props }) => props.clusterKinds ?? []);
  new AppProject(scope, 'Project', {
    metadata: { name, namespace: gitops.namespace, annotations: syncOptions(...PROTECTED) },
    spec: {
      description: `The layer that keeps ${cluster.name} alive.`,
      sourceRepos: unique([gitops.repoUrl, ...helm.map(({ repoUrl }) => repoUrl)]),
      destinations: unique(namespaces).map((namespace) => ({ server: THIS_CLUSTER, namespace })),
      clusterResourceWhitelist: unique(kinds).map((kind) => {
        const [group = '', name = ''] = kind.split('/');
        return { group, kind: name };
      }),
    },
  });
}

interface ApplicationSettings {
  readonly folder: string;
  readonly description: string;
  readonly ownership: Ownership;
  readonly namespaces: readonly string[];
  readonly syncOptions?: readonly ApplicationSyncOption[];
  readonly helm?: HelmSource;
  readonly prune: boolean;
}

function addApplication(
  scope: ApplicationChart,
  { gitops }: Cluster,
  name: string,
  project: string,
  { folder, description, ownership, namespaces, prune, helm, syncOptions: further = [] }: ApplicationSettings,
): void {
  const [namespace] = namespaces;
  new Application(scope, folder, {
    metadata: {
      name,
      namespace: gitops.namespace,
      annotations: { ...syncOptions(...PROTECTED), [COMPARE_OPTIONS]: 'ServerSideDiff=true' },
    },
    spec: {
      project,
      info: [{ name: 'purpose', value: description }],
      destination: { server: THIS_CLUSTER, namespace },
      source: helm
        ? helmSource(helm)
        : { repoUrl: gitops.repoUrl, targetRevision: gitops.revision, path: `${gitops.path}/${folder}` },
      syncPolicy: {
        // What is off is left out: Argo CD drops a `false` of its Applications when it begins a sync, which puts the
        // root out of step, and each repair of the root makes it wait longer before the next.
        automated: { ...(prune ? { prune } : {}), selfHeal: true },
        syncOptions: unique([...OPTIONS[ownership], ...further]),
        retry: RETRY,
      },
    },
  });
}

const helmSource = ({ repoUrl, chart, version, releaseName, values }: HelmSource): ApplicationSpec['source'] => ({
  repoUrl,
  chart,
  targetRevision: version,
  helm: { releaseName, valuesObject: values },
});

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)].sort();

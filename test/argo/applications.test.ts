import { App } from 'cdk8s';
import { describe, expect, test } from 'vitest';
import { ApplicationChart, type ApplicationChartProps, type Ownership } from '../../src/argo/application-chart.js';
import { addArgoObjects } from '../../src/argo/applications.js';
import type { Manifest } from '../../src/manifest/manifest.js';
import { minimal } from '../support/clusters.js';

const HELM = {
  repoUrl: 'https://charts.example',
  chart: 'stack',
  version: '1.2.3',
  releaseName: 'stack',
  values: { replicas: 1 },
} as const;

/** The Argo CD objects for an app with these charts. */
function argoObjects(
  charts: Readonly<Record<string, Partial<ApplicationChartProps>>>,
  name = 'attic',
): readonly Manifest[] {
  const app = new App();
  for (const [folder, props] of Object.entries(charts)) {
    new ApplicationChart(app, folder, {
      ownership: 'owned',
      description: 'What it is.',
      namespaces: ['apps'],
      ...props,
    });
  }
  const cluster = { ...minimal(), name };
  addArgoObjects(app, cluster);
  return app.charts.filter(({ node }) => node.id === 'argocd').flatMap((chart) => chart.toJson() as Manifest[]);
}

const named = (objects: readonly Manifest[], name: string): Manifest => {
  const found = objects.find(({ kind, metadata }) => kind === 'Application' && metadata.name === name);
  if (found === undefined) throw new Error(`no Application ${name}`);
  return found;
};

const automatedOf = (application: Manifest): Readonly<Record<string, unknown>> => {
  const { syncPolicy } = application.spec as { syncPolicy: { automated: Record<string, unknown> } };
  return syncPolicy.automated;
};

const application = (props: Partial<ApplicationChartProps>): Manifest =>
  named(argoObjects({ thing: props }), 'selfheal-thing');

describe('every Application', () => {
  const objects = argoObjects({ a: {}, b: { ownership: 'foreign-patch' }, c: { ownership: 'helm', helm: HELM } });

  test('carries no finalizer: deleting it deletes nothing else', () => {
    expect(JSON.stringify(objects)).not.toContain('finalizer');
  });

  test('outlives its file and the root', () => {
    expect(objects).toHaveLength(5);
    for (const { metadata } of objects)
      expect(metadata.annotations).toMatchObject({ 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' });
  });

  test('looks for a newer commit before each retry: one that cannot be applied is not tried for ever', () => {
    for (const name of ['selfheal-root', 'selfheal-a', 'selfheal-b', 'selfheal-c'])
      expect(named(objects, name)).toMatchObject({ spec: { syncPolicy: { retry: { limit: -1, refresh: true } } } });
  });

  test('heals by itself, tries without limit, and cannot empty itself', () => {
    for (const object of objects.filter(({ kind }) => kind === 'Application')) {
      expect(object).toMatchObject({
        spec: { syncPolicy: { automated: { selfHeal: true }, retry: { limit: -1 } } },
      });
      expect(automatedOf(object)).not.toHaveProperty('allowEmpty');
    }
  });

  test('says nothing that is false: Argo CD would drop it, and put it out of step with Git', () => {
    for (const object of objects.filter(({ kind }) => kind === 'Application')) {
      expect(Object.values(automatedOf(object))).not.toContain(false);
    }
  });
});

test.each([
  ['owned', true],
  ['foreign-patch', false],
  ['helm', false],
] as const)('an Application with ownership %s prunes: %s', (ownership: Ownership, prune) => {
  expect(automatedOf(application({ ownership })).prune ?? false).toBe(prune);
});

test('the root, which holds itself, never prunes', () => {
  const root = named(argoObjects({}), 'selfheal-root');

  expect(root).toMatchObject({ spec: { source: { path: 'dist/attic/argocd' } } });
  expect(automatedOf(root)).not.toHaveProperty('prune');
});

test('a cluster that is called like a folder gets no two Applications of one name', () => {
  const names = argoObjects({ coredns: {} }, 'coredns')
    .filter(({ kind }) => kind === 'Application')
    .map(({ metadata }) => metadata.name);

  expect(new Set(names).size).toBe(names.length);
});

test('an Application syncs its folder of the repository at the revision', () => {
  expect(application({})).toMatchObject({
    metadata: { namespace: 'argocd' },
    spec: {
      project: 'selfheal-attic',
      destination: { server: 'https://kubernetes.default.svc', namespace: 'apps' },
      source: { repoURL: 'https://git.example/attic.git', targetRevision: 'main', path: 'dist/attic/thing' },
    },
  });
});

test('an Application of a chart names it by version and takes its values', () => {
  expect(application({ ownership: 'helm', helm: HELM })).toMatchObject({
    spec: {
      source: {
        repoURL: 'https://charts.example',
        chart: 'stack',
        targetRevision: '1.2.3',
        helm: { releaseName: 'stack', valuesObject: { replicas: 1 } },
      },
      syncPolicy: { syncOptions: expect.arrayContaining(['CreateNamespace=true']) },
    },
  });
});

test('options of a layer come on top, each once and in order', () => {
  const { spec } = application({ syncOptions: ['ServerSideApply=true', 'ApplyOutOfSyncOnly=true'] });

  expect(spec).toMatchObject({
    syncPolicy: { syncOptions: ['ApplyOutOfSyncOnly=true', 'FailOnSharedResource=true', 'ServerSideApply=true'] },
  });
});

describe('the AppProject', () => {
  const project = (charts: Readonly<Record<string, Partial<ApplicationChartProps>>>) =>
    argoObjects(charts).find(({ kind }) => kind === 'AppProject');

  test('allows no cluster-scoped kind that no layer names', () => {
    expect(project({ thing: {} })?.spec).not.toHaveProperty('clusterResourceWhitelist.0');
  });

  test('allows the repositories, namespaces and kinds of its Applications and nothing else', () => {
    const charts = {
      b: { namespaces: ['x', 'y'], clusterKinds: ['rbac.authorization.k8s.io/ClusterRole'] },
      a: { ownership: 'helm', helm: HELM, namespaces: ['x'], clusterKinds: ['/Namespace'] },
    } as const;

    expect(project(charts)).toMatchObject({
      spec: {
        sourceRepos: ['https://charts.example', 'https://git.example/attic.git'],
        destinations: [{ namespace: 'argocd' }, { namespace: 'x' }, { namespace: 'y' }],
        clusterResourceWhitelist: [
          { group: '', kind: 'Namespace' },
          { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' },
        ],
      },
    });
  });
});

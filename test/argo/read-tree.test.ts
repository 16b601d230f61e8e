import { describe, expect, test } from 'vitest';
import { readTree, treeOf } from '../../src/argo/read-tree.js';
import { filesOf, layOut } from '../../src/manifest/layout.js';
import { renderCluster } from '../../src/synth/render.js';
import { homelab } from '../support/clusters.js';

const application = (name: string, source: string, more = ''): string =>
  `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: ${name}, namespace: argocd${more}}\nspec:\n  destination: {namespace: work}\n  source: {repoURL: 'https://git.example/x.git', ${source}}\n`;

const config = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;

const tree = (files: Readonly<Record<string, string>>, root = '') => readTree(new Map(Object.entries(files)), root);

const namesIn = (files: Readonly<Record<string, string>>, root = '') =>
  tree(files, root).applications.map(({ name, objects }) => [
    name,
    objects.map(({ manifest }) => manifest.metadata.name),
  ]);

describe('the objects of an Application', () => {
  test('are those of its folder, without its subfolders', () => {
    expect(
      namesIn({
        'apps/a.yaml': application('a', 'path: a'),
        'a/x.yaml': config('x'),
        'a/b/y.yaml': config('w'),
        'ab/z.yaml': config('z'),
      }),
    ).toEqual([['a', ['x']]]);
  });

  test('are those of its subfolders too where it says so, but what is excluded', () => {
    const source = "path: a, directory: {recurse: true, exclude: '{b/*,no.yaml}'}";

    expect(
      namesIn({
        'apps/a.yaml': application('a', source),
        'a/x.yaml': config('x'),
        'a/no.yaml': config('left'),
        'a/b/y.yaml': config('w'),
        'a/c/z.yml': config('z'),
      }),
    ).toEqual([['a', ['x', 'z']]]);
  });

  test('are found where the folder that was read is not the repository', () => {
    expect(
      namesIn({ 'attic/argocd/a.yaml': application('a', 'path: dist/attic/a'), 'attic/a/x.yaml': config('x') }, 'dist'),
    ).toEqual([['a', ['x']]]);
  });

  test('leave out a file that Argo CD is told to pass over', () => {
    expect(
      namesIn({
        'apps/a.yaml': application('a', 'path: a'),
        'a/x.yaml': `# +argocd:skip-file-rendering\n${config('x')}`,
      }),
    ).toEqual([['a', []]]);
  });
});

describe('an Application without objects says why', () => {
  test.each([
    ['a chart', { 'apps/a.yaml': application('a', 'chart: c, targetRevision: 1.2.3') }, 'chart c 1.2.3'],
    [
      'Kustomize',
      {
        'apps/a.yaml': application('a', 'path: a'),
        'a/kustomization.yaml': 'resources: [x.yaml]\n',
        'a/x.yaml': config('x'),
      },
      'Kustomize in a',
    ],
    [
      'a chart in the folder',
      {
        'apps/a.yaml': application('a', 'path: a'),
        'a/Chart.yaml': 'name: a\n',
        'a/templates/x.yaml': 'kind: {{ x }}\n',
      },
      'Helm chart in a',
    ],
    [
      'no such folder',
      { 'apps/a.yaml': application('a', 'path: a') },
      'folder a of https://git.example/x.git, which is not in this tree',
    ],
    [
      'a folder that begins alike',
      { 'apps/a.yaml': application('a', 'path: a'), 'ab/x.yaml': config('x') },
      'folder a of https://git.example/x.git, which is not in this tree',
    ],
  ])('%s', (_, files, reason) => {
    expect(tree(files).applications.map(({ notRendered, objects }) => [notRendered, objects])).toEqual([[reason, []]]);
  });

  test('and what is rendered does not count as unclaimed', () => {
    expect(
      tree({
        'apps/a.yaml': application('a', 'path: a'),
        'a/kustomization.yaml': 'resources: [x.yaml]\n',
        'a/x.yaml': config('x'),
        'b/y.yaml': config('w'),
      }).unclaimed.map(({ file }) => file),
    ).toEqual(['apps/a.yaml', 'b/y.yaml']);
  });
});

describe('what cannot be read', () => {
  test('is said of all files at once', () => {
    const broken = {
      'apps/a.yaml': application('a', 'path: a'),
      'a/x.yaml': 'apiVersion: v1\nkind: [\nmetadata: {}',
      'a/y.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {}\n',
    };

    expect(() => tree(broken)).toThrow(
      expect.objectContaining({
        message: '2 problems in the manifests',
        hints: [
          expect.stringContaining("'a/x.yaml', line "),
          "'a/y.yaml': metadata.name of the Pod: expected a text, got nothing",
        ],
      }),
    );
  });

  test('is no problem where it is no manifest: values, templates, pipelines', () => {
    const others = {
      'values.yaml': 'a: 1\n',
      '.ci/x.yml': 'jobs: [\n',
      'chart/Chart.yaml': 'name: c\n',
      'chart/templates/x.yaml': 'apiVersion: v1\nkind: {{ .x }}\nmetadata:\n  {{- y }}\n',
    };

    expect(tree(others)).toEqual({ applications: [], unclaimed: [] });
  });
});

test('an Application that goes without a finalizer, or with which', () => {
  const finalizer = (more: string) =>
    tree({ 'a.yaml': application('a', 'path: .', more) }).applications[0]?.policy.finalizer;

  expect(finalizer('')).toBe('none');
  expect(finalizer(', finalizers: [resources-finalizer.argocd.argoproj.io]')).toBe('foreground');
  expect(finalizer(', finalizers: [resources-finalizer.argocd.argoproj.io/background]')).toBe('background');
});

test('an Application without a folder belongs to the cluster whose Application syncs it', () => {
  const files = {
    'attic/argocd/root.yaml': application('root', 'path: attic/argocd'),
    'attic/argocd/c.yaml': application('c', 'chart: c, targetRevision: 1.0.0'),
  };

  expect(tree(files).applications.map(({ cluster, name }) => `${cluster}/${name}`)).toEqual(['attic/c', 'attic/root']);
});

test('is the same tree before the manifests are text', () => {
  const objects = renderCluster(homelab());

  expect(treeOf(filesOf('dist/homelab', objects), '')).toEqual(readTree(layOut('dist/homelab', objects), ''));
});

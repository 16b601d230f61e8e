/** What a change means, case by case: what the three outputs do not show. */
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readTree } from '../../../src/argo/read-tree.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { review } from '../../../src/ops/change/review.js';

type Content = { readonly [key: string]: Json };

const KEEP = { 'argocd.argoproj.io/sync-options': 'Prune=false' };

const of = (kind: string, spec: Content, annotations: Content = {}, name = 'x'): Manifest =>
  ({ apiVersion: 'v1', kind, metadata: { name, namespace: 'work', annotations }, spec }) as Manifest;

const application = (finalizers: readonly string[] = []): Manifest => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'app', namespace: 'argocd', finalizers },
  spec: { source: { repoURL: 'x', path: 'work' }, syncPolicy: { automated: { prune: true } } },
});

const other = of('ConfigMap', {}, {}, 'other');

function changes(before: readonly Manifest[], after: readonly Manifest[], apps = [application(), application()]) {
  const tree = (objects: readonly Manifest[], app: Manifest | undefined) =>
    readTree(
      new Map([
        ['apps/app.yaml', stringify(app)],
        ['work/folder.yaml', '# a folder'],
        ...objects.map((object, index) => [`work/${index}.yaml`, stringify(object)] as const),
      ]),
      '',
    );
  return review(tree(before, apps[0]), tree(after, apps[1]));
}

const template = (image: string): Content => ({ spec: { containers: [{ name: 'a', image }] } });
const rolling = (kind: string, spec: Content) =>
  changes([of(kind, { ...spec, template: template('a:1') })], [of(kind, { ...spec, template: template('a:2') })])[0];

test.each([
  ['Deployment', { replicas: 3 }, 'Replaces 3 pods, none missing meanwhile, 1 more than usual meanwhile.'],
  ['StatefulSet', { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } }, /^Replaces 1 pod;/],
])('%s %j is rolled as its controller does', (kind, spec, sentence) => {
  expect(rolling(kind, spec)?.consequences[0]).toMatch(sentence);
});

test.each([
  ['NetworkPolicy', /What it forbade is allowed/],
  ['PersistentVolumeClaim', /Its data are deleted with it/],
  ['Namespace', /Everything in the namespace/],
])('a %s that is pruned is a danger', (kind, sentence) => {
  const [change] = changes([of(kind, {}), other], [other]);

  expect(change).toMatchObject({ effect: 'pruned', weight: 'danger' });
  expect(change?.consequences.join(' ')).toMatch(sentence);
});

test('the last object of an Application stays', () => {
  expect(changes([other], [])).toMatchObject([{ effect: 'orphaned' }]);
});

describe('a CustomResourceDefinition', () => {
  const definition = (annotations: Content = {}): Manifest => ({
    ...of('CustomResourceDefinition', { names: { kind: 'Thing' } }, annotations),
    apiVersion: 'apiextensions.k8s.io/v1',
  });

  test('stays, because Argo CD does not mark it as its own', () => {
    const [change] = changes([definition(), other], [other]);

    expect(change).toMatchObject({ effect: 'orphaned' });
    expect(change?.consequences.join(' ')).toContain('never prunes a CustomResourceDefinition');
  });

  test('goes with all its objects where Git marks it', () => {
    const marked = definition({ 'argocd.argoproj.io/tracking-id': 'app:apiextensions.k8s.io/x:/x' });
    const [change] = changes([marked, other], [other]);

    expect(change).toMatchObject({ effect: 'pruned', weight: 'danger' });
    expect(change?.consequences.join(' ')).toContain('Every Thing of the cluster is deleted with it.');
  });
});

test('nothing to run, and no protection, are dangers', () => {
  expect(changes([of('Deployment', { replicas: 1 })], [of('Deployment', { replicas: 0 })])).toMatchObject([
    { weight: 'danger' },
  ]);
  expect(changes([of('Deployment', {}, KEEP)], [of('Deployment', {})])).toMatchObject([{ weight: 'danger' }]);
});

test('an object with another name and one other value is renamed', () => {
  const spec = { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7 };

  expect(changes([of('Thing', spec), other], [of('Thing', { ...spec, g: 8 }, {}, 'z'), other])).toMatchObject([
    { effect: 'renamed', formerly: 'Thing work/x' },
  ]);
});

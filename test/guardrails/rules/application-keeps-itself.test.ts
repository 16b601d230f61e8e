import { describe, expect, test } from 'vitest';
import { Inspection } from '../../../src/guardrails/inspection.js';
import { applicationKeepsItself } from '../../../src/guardrails/rules/application-keeps-itself.js';
import { minimal } from '../../support/clusters.js';
import { annotated, application, foundIn, manifest, placed } from '../examples.js';

const PROTECTED = { 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' };
const syncing = (automated: object) => application('layer', { syncPolicy: { automated: { ...automated } } });

describe('application-keeps-itself', () => {
  test('refuses an Application that may be empty', () => {
    expect(foundIn(applicationKeepsItself, [syncing({ allowEmpty: true })])).toEqual([
      'Application argocd/selfheal-layer: expected allowEmpty false, got true',
    ]);
  });

  test('refuses a finalizer that deletes what was synced', () => {
    const object = application('layer', {}, { finalizers: ['resources-finalizer.argocd.argoproj.io/background'] });

    expect(foundIn(applicationKeepsItself, [object])).toContain(
      'Application argocd/selfheal-layer: expected no finalizer that deletes what was synced, got ["resources-finalizer.argocd.argoproj.io/background"]',
    );
  });

  test('refuses a root that prunes', () => {
    const root = application('argocd', {
      syncPolicy: { automated: { prune: true } },
      source: { path: 'dist/attic/argocd' },
    });
    const objects = placed([root, application('layer')], 'argocd');

    expect(applicationKeepsItself.check(new Inspection({ cluster: minimal(), objects }))).toEqual([
      expect.objectContaining({
        where: 'Application argocd/selfheal-argocd',
        found: 'expected prune false on the Application that syncs Applications, got true',
      }),
    ]);
  });

  test.each([
    ['argoproj.io/v1alpha1', 'AppProject'],
    ['v1', 'Namespace'],
    ['v1', 'PersistentVolumeClaim'],
    ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
  ])('refuses a %s %s that can be pruned or deleted', (apiVersion, kind) => {
    const bare = manifest(apiVersion, kind, 'x');
    const half = annotated(bare, { 'argocd.argoproj.io/sync-options': 'Prune=false' });

    expect(foundIn(applicationKeepsItself, [bare])).toEqual([
      `${kind} tools/x: expected sync options Prune=false and Delete=false, got []`,
    ]);
    expect(foundIn(applicationKeepsItself, [half])).toHaveLength(1);
    expect(foundIn(applicationKeepsItself, [annotated(bare, PROTECTED)])).toEqual([]);
  });

  test('refuses an ApplicationSet that takes its Applications along', () => {
    const set = (spec: object) =>
      annotated(manifest('argoproj.io/v1alpha1', 'ApplicationSet', 'x', { spec: { ...spec } }), PROTECTED);

    expect(foundIn(applicationKeepsItself, [set({})])).toHaveLength(1);
    expect(foundIn(applicationKeepsItself, [set({ syncPolicy: { preserveResourcesOnDeletion: true } })])).toEqual([]);
  });

  test('accepts a root that does not prune and a layer that does', () => {
    const root = application('argocd', { source: { path: 'dist/attic/argocd' } });
    const objects = placed([root, syncing({ prune: true, allowEmpty: false })], 'argocd');

    expect(applicationKeepsItself.check(new Inspection({ cluster: minimal(), objects }))).toEqual([]);
  });
});

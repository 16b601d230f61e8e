/** What the Applications themselves say. */
import { expect } from 'vitest';
import type { Files } from '../../../../src/manifest/layout.js';
import type { Manifest } from '../../../../src/manifest/manifest.js';
import { toYaml } from '../../../../src/manifest/yaml.js';
import { applicationOf, applicationsOf } from '../../support/applications.js';
import { annotated, type Case, claim, configMap, field, isGone, namespaceOf, withOptions, workload } from '../case.js';

const APPLICATIONS = 'applications.argoproj.io';
const NOT_HEALED = { policy: { automated: { prune: true, selfHeal: false } } };
const FINALIZER = { metadata: { finalizers: ['resources-finalizer.argocd.argoproj.io'] } };
const AUTOMATED = { prune: true, selfHeal: true };

const partial = (rule: string) =>
  annotated(
    {
      ...workload(rule, 'Deployment'),
      spec: { replicas: 2 },
    },
    {
      'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false,ServerSideApply=true,Validate=false',
      'selfheal.dev/foreign': 'partial',
    },
  );

const KEPT_IN_PROJECT = {
  spec: { project: 'narrow' },
  policy: { retry: { limit: -1, backoff: { duration: '1s', factor: 1, maxDuration: '1s' } } },
};

const project = (...namespaces: readonly string[]): Manifest => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name: 'narrow', namespace: 'argocd' },
  spec: {
    sourceRepos: ['*'],
    destinations: namespaces.map((namespace) => ({ server: '*', namespace })),
  },
});

/** Where the moved object goes: synced after the other one, because by hand only. */
export const SLOW: Case = {
  rule: 'moved-to',
  title: 'takes over what is moved',
  base: { objects: [], application: { policy: { automated: { enabled: false } } } },
  head: { objects: [configMap('object-moved', 'moves')], application: { policy: { automated: { enabled: false } } } },
  isBaseSynced: false,
  happens: async () => undefined,
};

/** What a project keeps in: its Application has an object elsewhere. */
export const KEPT_IN: Case = {
  rule: 'kept-in',
  title: 'is refused by its project',
  base: { objects: [configMap('project-widened', 'beyond')], application: KEPT_IN_PROJECT },
  head: { objects: [configMap('project-widened', 'beyond')], application: KEPT_IN_PROJECT },
  isBaseSynced: false,
  happens: async () => undefined,
};

export const ofApplications = (repositoryUrl: string): readonly Case[] => [
  {
    rule: 'object-moved',
    foundIn: SLOW.rule,
    title: 'the old Application prunes what the new one has not taken over yet',
    base: { objects: [configMap('object-moved', 'moves')] },
    head: { objects: [] },
    happens: async (bench) => {
      await isGone(bench, 'configmap', 'moves', 'object-moved');
    },
  },
  {
    rule: 'shared-object',
    title: 'Argo CD warns of an object in two Applications, and neither rests',
    base: { objects: [configMap('shared-object', 'own')] },
    // The same object as in the case before.
    head: {
      objects: [configMap('shared-object', 'own'), { ...configMap('object-moved', 'stays'), data: { key: '2' } }],
    },
    happens: async (bench) => {
      // Each has it only while the other one is the owner.
      await bench.until('one of them is warned of', () =>
        ['shared-object', 'object-moved']
          .flatMap((name) => applicationOf(bench, name).conditions)
          .find((text) => /^SharedResourceWarning: .*stays/.test(text)),
      );
    },
  },
  {
    rule: 'application-removed',
    title: 'the Application is deleted, its objects stay, and nobody heals them',
    base: { objects: [] },
    head: { objects: [], application: null },
    happens: async (bench) => {
      await isGone(bench, APPLICATIONS, 'application-removed', undefined);
      expect(bench.get('configmap', 'stays', namespaceOf('application-removed'))).toBeDefined();
    },
  },
  {
    rule: 'finalizer-added',
    title: 'deleting the Application deletes what it synced',
    base: { objects: [] },
    head: { objects: [], application: FINALIZER },
    later: { objects: [], application: null },
    happens: async (bench) => {
      await isGone(bench, 'configmap', 'stays', 'finalizer-added');
    },
  },
  {
    rule: 'application-moved',
    title: 'what has no namespace of its own is created over there, and the old object is deleted',
    base: { objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'moves' }, data: { key: '1' } }] },
    head: {
      objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'moves' }, data: { key: '1' } }],
      application: { spec: { destination: { server: 'https://kubernetes.default.svc', namespace: 'default' } } },
    },
    happens: async (bench) => {
      await bench.until('it is created in the other namespace', () => bench.get('configmap', 'moves', 'default'));
      await isGone(bench, 'configmap', 'moves', 'application-moved');
    },
  },
  {
    rule: 'allow-empty',
    title: 'a folder without manifests deletes everything',
    base: { objects: [configMap('allow-empty', 'a')] },
    head: {
      objects: [configMap('allow-empty', 'a')],
      application: { policy: { automated: { ...AUTOMATED, allowEmpty: true } } },
    },
    later: { objects: [], application: { policy: { automated: { ...AUTOMATED, allowEmpty: true } } } },
    isAlone: true,
    happens: async (bench) => {
      await isGone(bench, 'configmap', 'a', 'allow-empty');
    },
  },
  {
    rule: 'automation-off',
    title: 'what is changed by hand stays changed',
    base: { objects: [configMap('automation-off', 'healed')] },
    head: {
      objects: [configMap('automation-off', 'healed')],
      application: { policy: { automated: { enabled: false } } },
    },
    happens: async (bench) => {
      const namespace = `--namespace=${namespaceOf('automation-off')}`;
      bench.kubectl(['patch', 'configmap', 'healed', namespace, '--patch={"data":{"key":"by hand"}}']);
      await bench.until(
        'Argo CD sees it',
        () => applicationOf(bench, 'automation-off').sync === 'OutOfSync' || undefined,
      );
      expect(field(bench.get('configmap', 'healed', namespaceOf('automation-off')), 'data', 'key')).toBe('by hand');
    },
  },
  {
    rule: 'retry-limited',
    title: 'once the retries ran out, the patch is not tried again when the object is back',
    base: { objects: [partial('retry-limited')], application: { policy: { retry: { limit: -1 } } } },
    head: { objects: [partial('retry-limited')] },
    prepare: (bench) => {
      bench.apply([workload('retry-limited', 'Deployment', { replicas: 1 })], { manager: 'owner', serverSide: true });
    },
    // As its owner does at an upgrade.
    afterwards: (bench) => {
      bench.kubectl(['delete', 'deployment', 'thing', `--namespace=${namespaceOf('retry-limited')}`]);
    },
    happens: async (bench) => {
      const status = await bench.until('the retries ran out', () => {
        const found = applicationOf(bench, 'retry-limited');
        return found.phase === 'Failed' ? found : undefined;
      });
      expect(status.message).toMatch(/selector: Required value/);
      bench.apply([workload('retry-limited', 'Deployment', { replicas: 1 })], { manager: 'owner', serverSide: true });
      bench.refresh('retry-limited');
      await bench.until('Argo CD gives the revision up', () =>
        applicationOf(bench, 'retry-limited').conditions.find((text) => text.includes('Failed last sync attempt')),
      );
      expect(field(bench.get('deployment', 'thing', namespaceOf('retry-limited')), 'spec', 'replicas')).toBe(1);
    },
  },
  {
    rule: 'unknown-sync-option',
    title: 'a misspelt protection protects nothing',
    base: { objects: [configMap('unknown-sync-option', 'kept')] },
    head: { objects: [withOptions(configMap('unknown-sync-option', 'kept'), 'Prune=flase')] },
    later: { objects: [] },
    happens: async (bench) => {
      await isGone(bench, 'configmap', 'kept', 'unknown-sync-option');
      expect(applicationOf(bench, 'unknown-sync-option').conditions).toEqual([]);
    },
  },
  {
    rule: 'replace-with-server-side-apply',
    title: 'what somebody else set on the object is gone, although ServerSideApply leaves it',
    base: { objects: [configMap('replace-with-server-side-apply', 'shared')] },
    head: {
      objects: [withOptions(configMap('replace-with-server-side-apply', 'shared', { key: '2' }), 'Replace=true')],
    },
    meanwhile: (bench) => {
      const other = configMap('replace-with-server-side-apply', 'shared', { other: 'set by its owner' });
      bench.apply([other], { manager: 'owner', serverSide: true });
    },
    happens: async (bench) => {
      const data = await bench.until('the new value is there', () => {
        const found = bench.get('configmap', 'shared', namespaceOf('replace-with-server-side-apply'));
        return field(found, 'data', 'key') === '2' ? field(found, 'data') : undefined;
      });
      expect(data).toEqual({ key: '2' });
    },
  },
  {
    rule: 'forced-replacement',
    title: 'an annotation of a claim changes, and it is another claim',
    base: { objects: [claim('forced-replacement', 'data')] },
    head: {
      objects: [
        withOptions(
          annotated(claim('forced-replacement', 'data'), { changed: 'yes' }),
          'Force=true,Replace=true,ServerSideApply=false',
        ),
      ],
    },
    meanwhile: (bench) => {
      const where = ['--namespace', namespaceOf('forced-replacement')];
      bench.kubectl(['annotate', 'persistentvolumeclaim', 'data', ...where, 'full=yes']);
    },
    happens: async (bench) => {
      const annotations = await bench.until('the change is there', () => {
        const found = bench.get('persistentvolumeclaim', 'data', namespaceOf('forced-replacement'));
        return found?.metadata.annotations?.changed === 'yes' ? found.metadata.annotations : undefined;
      });
      expect(annotations).not.toHaveProperty('full');
    },
  },
  {
    rule: 'project-widened',
    title: 'an Application writes where its project kept it out',
    base: { objects: [project(namespaceOf('kept-in'))] },
    head: { objects: [project(namespaceOf('kept-in'), '*')] },
    meanwhile: (bench) => {
      expect(bench.get('configmap', 'beyond', namespaceOf('project-widened'))).toBeUndefined();
    },
    happens: async (bench) => {
      await bench.until('it is there', () => bench.get('configmap', 'beyond', namespaceOf('project-widened')));
    },
  },
  {
    rule: 'live-fix-reverted',
    title: 'what somebody set by hand is as in Git after the next commit',
    base: { objects: [configMap('live-fix-reverted', 'mended')], application: NOT_HEALED },
    head: { objects: [configMap('live-fix-reverted', 'mended')], application: NOT_HEALED },
    meanwhile: (bench) => {
      const namespace = `--namespace=${namespaceOf('live-fix-reverted')}`;
      bench.kubectl(['patch', 'configmap', 'mended', namespace, '--patch={"data":{"key":"by hand"}}']);
    },
    happens: async (bench) => {
      await bench.until(
        'it is as in Git',
        () =>
          field(bench.get('configmap', 'mended', namespaceOf('live-fix-reverted')), 'data', 'key') === '1' || undefined,
      );
    },
  },
  {
    rule: 'unseen-source',
    title: 'what another source leaves out is deleted, and no tree shows it',
    base: { objects: [], application: { spec: { source: elsewhere(repositoryUrl, 'before') } } },
    head: { objects: [], application: { spec: { source: elsewhere(repositoryUrl, 'after') } } },
    happens: async (bench) => {
      await isGone(bench, 'configmap', 'unseen', 'unseen-source');
      expect(applicationsOf(bench).find(({ name }) => name === 'unseen-source')?.phase).toBe('Succeeded');
    },
  },
];

/** A folder that vet does not read. */
const elsewhere = (repoURL: string, folder: string) => ({
  repoURL,
  targetRevision: 'main',
  path: `elsewhere/${folder}`,
});

/** What is in it. */
export const ELSEWHERE: Files = new Map([
  ['elsewhere/before/unseen.yaml', toYaml(configMap('unseen-source', 'unseen'))],
  ['elsewhere/before/other.yaml', toYaml(configMap('unseen-source', 'other'))],
  ['elsewhere/after/other.yaml', toYaml(configMap('unseen-source', 'other'))],
]);

/** What leaves Git. */
import { expect } from 'vitest';
import type { Manifest } from '../../../../src/manifest/manifest.js';
import { applicationOf } from '../../support/applications.js';
import {
  annotated,
  type Case,
  claim,
  configMap,
  field,
  isGone,
  namespaceOf,
  object,
  pods,
  toys,
  withOptions,
  workload,
} from '../case.js';

const clusterWide = (apiVersion: string, kind: string, name: string): Manifest => ({
  apiVersion,
  kind,
  metadata: { name },
});

const policy = object('removed-network-policy', 'networking.k8s.io/v1', 'NetworkPolicy', 'closed', {
  spec: { podSelector: {}, policyTypes: ['Ingress'] },
});

const byHand = { manager: 'somebody', serverSide: true } as const;

/** Argo CD marks no definition; this one brings the mark. */
const marked = (rule: string, definition: Manifest): Manifest =>
  annotated(definition, {
    'argocd.argoproj.io/tracking-id': `${rule}:apiextensions.k8s.io/CustomResourceDefinition:${namespaceOf(rule)}/${definition.metadata.name}`,
  });

export const REMOVED: readonly Case[] = [
  {
    rule: 'removed-claim',
    title: 'a claim is deleted with its file',
    base: { objects: [claim('removed-claim', 'data')] },
    head: { objects: [] },
    happens: async (bench) => {
      await isGone(bench, 'pvc', 'data', 'removed-claim');
    },
  },
  {
    rule: 'removed-namespace',
    title: "a Namespace is deleted with its file, and somebody else's object in it",
    base: { objects: [clusterWide('v1', 'Namespace', 'vet-goes')] },
    head: { objects: [] },
    meanwhile: (bench) => {
      bench.apply(
        [{ ...configMap('x', 'of-somebody-else'), metadata: { name: 'of-somebody-else', namespace: 'vet-goes' } }],
        byHand,
      );
    },
    happens: async (bench) => {
      await isGone(bench, 'namespace', 'vet-goes');
    },
  },
  {
    rule: 'removed-crd',
    title: "a definition is deleted with its file, and everybody's objects of the kind",
    base: { objects: [marked('removed-crd', toys('toys.example.org', ['v1']))] },
    head: { objects: [] },
    meanwhile: (bench) => {
      bench.apply([object('removed-crd', 'toys.example.org/v1', 'Toy', 'of-somebody-else')], byHand);
    },
    happens: async (bench) => {
      await isGone(bench, 'crd', 'toys.toys.example.org');
      expect(bench.run(['get', 'toys.toys.example.org', '--all-namespaces']).stderr).toContain(
        "doesn't have a resource type",
      );
    },
  },
  {
    rule: 'orphaned-crd',
    title: 'a definition stays with its objects, and Argo CD shows nothing that is left over',
    base: { objects: [toys('left.example.org', ['v1'])] },
    head: { objects: [] },
    meanwhile: (bench) => {
      bench.apply([object('orphaned-crd', 'left.example.org/v1', 'Toy', 'of-somebody-else')], byHand);
    },
    happens: async (bench) => {
      await bench.until(
        'the Application is synced without it',
        () => applicationOf(bench, 'orphaned-crd').sync === 'Synced' || undefined,
      );
      expect(bench.get('crd', 'toys.left.example.org')?.metadata.deletionTimestamp).toBeUndefined();
      expect(bench.get('toys.left.example.org', 'of-somebody-else', namespaceOf('orphaned-crd'))).toBeDefined();
      expect([...applicationOf(bench, 'orphaned-crd').resources.keys()]).toEqual([
        `ConfigMap ${namespaceOf('orphaned-crd')}/stays`,
      ]);
    },
  },
  {
    rule: 'removed-stateful-set',
    title: 'a StatefulSet is deleted with its file, and its pods end',
    base: { objects: [workload('removed-stateful-set', 'StatefulSet', { serviceName: 'thing' })] },
    head: { objects: [] },
    happens: async (bench) => {
      await isGone(bench, 'statefulset', 'thing', 'removed-stateful-set');
      await isGone(bench, 'pod', 'thing-0', 'removed-stateful-set');
    },
  },
  {
    rule: 'removed-network-policy',
    title: 'a NetworkPolicy is deleted with its file, and no policy is left',
    base: { objects: [policy] },
    head: { objects: [] },
    happens: async (bench) => {
      await isGone(bench, 'networkpolicy', 'closed', 'removed-network-policy');
      expect(bench.kubectl(['get', 'networkpolicy', `--namespace=${namespaceOf('removed-network-policy')}`])).toBe('');
    },
  },
  {
    rule: 'removed-secret',
    title: 'a Secret is deleted with its file, and the values that only the cluster had',
    base: { objects: [object('removed-secret', 'v1', 'Secret', 'key', { type: 'Opaque' })] },
    head: { objects: [] },
    meanwhile: (bench) => {
      bench.apply([object('removed-secret', 'v1', 'Secret', 'key', { stringData: { key: 'x' } })], byHand);
    },
    happens: async (bench) => {
      await isGone(bench, 'secret', 'key', 'removed-secret');
    },
  },
  {
    rule: 'renamed-data',
    title: 'a claim with another name is another claim, and the old one is deleted',
    base: { objects: [claim('renamed-data', 'data-c8a1')] },
    head: { objects: [claim('renamed-data', 'data-f00d')] },
    happens: async (bench) => {
      await isGone(bench, 'pvc', 'data-c8a1', 'renamed-data');
      expect(field(bench.get('pvc', 'data-f00d', namespaceOf('renamed-data')), 'spec', 'volumeName')).toBeUndefined();
    },
  },
  {
    rule: 'prune-share',
    title: 'three of four objects are deleted, because one file is left',
    base: { objects: ['a', 'b', 'c'].map((name) => configMap('prune-share', name)) },
    head: { objects: [] },
    happens: async (bench) => {
      for (const name of ['a', 'b', 'c']) await isGone(bench, 'configmap', name, 'prune-share');
      expect(bench.get('configmap', 'stays', namespaceOf('prune-share'))).toBeDefined();
    },
  },
  {
    rule: 'removed-while-protected',
    title: 'the object stays with what was in it, and its Application is out of sync',
    base: { objects: [withOptions(configMap('removed-while-protected', 'patched'), 'Prune=false')] },
    head: { objects: [] },
    happens: async (bench) => {
      const { sync, resources } = applicationOf(bench, 'removed-while-protected');
      expect(field(bench.get('configmap', 'patched', namespaceOf('removed-while-protected')), 'data', 'key')).toBe('1');
      expect(sync).toBe('OutOfSync');
      expect(resources.get(`ConfigMap ${namespaceOf('removed-while-protected')}/patched`)).toBe('OutOfSync');
    },
  },
  {
    rule: 'protection-removed',
    title: 'the next commit deletes the object',
    base: { objects: [withOptions(configMap('protection-removed', 'foreign'), 'Prune=false,Delete=false')] },
    head: { objects: [configMap('protection-removed', 'foreign')] },
    later: { objects: [] },
    happens: async (bench) => {
      await isGone(bench, 'configmap', 'foreign', 'protection-removed');
    },
  },
  {
    rule: 'scaled-to-zero',
    title: 'no pod is left, and Argo CD calls it healthy',
    base: { objects: [workload('scaled-to-zero', 'Deployment', { replicas: 1 })] },
    head: { objects: [workload('scaled-to-zero', 'Deployment', { replicas: 0 })] },
    happens: async (bench) => {
      await bench.until('no pod is left', () => pods(bench, 'scaled-to-zero').length === 0 || undefined);
      await bench.until(
        'it is healthy',
        () => applicationOf(bench, 'scaled-to-zero').health === 'Healthy' || undefined,
      );
    },
  },
];

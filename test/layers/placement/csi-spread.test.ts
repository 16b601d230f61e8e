import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { homelab, minimal, objectsOf, pvek8s } from '../../support/clusters.js';

const FOLDER = 'longhorn-csi-spread';
const UPSTREAM = new URL('../../fixtures/upstream/longhorn-csi-deployments.yaml', import.meta.url);

const upstream = parseAllDocuments(readFileSync(UPSTREAM, 'utf8')).map((document) => document.toJS() as Manifest);

test('leaves the sidecars alone where the spread is not asked for', () => {
  const cluster = minimal({ longhorn: { version: '1.11.3', backupTarget: { kind: 'none' } } });

  expect(objectsOf(cluster, FOLDER)).toEqual([]);
  expect(objectsOf(pvek8s(), FOLDER)).toEqual([]);
});

test('patches nothing but the spread, above all not the replicas', () => {
  for (const { spec } of objectsOf(homelab(), FOLDER)) {
    expect(spec).toEqual({ template: { spec: { topologySpreadConstraints: [expect.anything()] } } });
  }
});

test('patches exactly the Deployments that Longhorn creates, by the labels that they have', () => {
  const patched = objectsOf(homelab(), FOLDER).map(({ metadata: { name, namespace }, spec }) => ({
    name,
    namespace,
    selector: (spec as { template: { spec: { topologySpreadConstraints: { labelSelector: unknown }[] } } }).template
      .spec.topologySpreadConstraints[0]?.labelSelector,
  }));

  expect(upstream).toHaveLength(4);
  expect(patched).toEqual(
    upstream.map(({ metadata: { name, namespace }, spec }) => ({
      name,
      namespace,
      selector: (spec as { selector: unknown }).selector,
    })),
  );
});

test('never lets two nodes differ by more than one pod, and does not count nodes that are down', () => {
  const attacher = objectsOf(homelab(), FOLDER).find(({ metadata }) => metadata.name === 'csi-attacher');

  expect(attacher?.spec).toEqual({
    template: {
      spec: {
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'kubernetes.io/hostname',
            whenUnsatisfiable: 'DoNotSchedule',
            nodeTaintsPolicy: 'Honor',
            matchLabelKeys: ['pod-template-hash'],
            labelSelector: { matchLabels: { app: 'csi-attacher' } },
          },
        ],
      },
    },
  });
});

test('marks each patch as partial and protects the object behind it', () => {
  const annotations = objectsOf(homelab(), FOLDER).map(({ metadata }) => metadata.annotations);

  expect(annotations).toHaveLength(4);
  for (const annotation of annotations) {
    expect(annotation).toEqual({
      'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false,ServerSideApply=true,Validate=false',
      'selfheal.dev/foreign': 'partial',
    });
  }
});

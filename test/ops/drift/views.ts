/** Applications for tests, as Argo CD would have them. */
import { syncPolicyOf } from '../../../src/argo/sync-policy.js';
import type { SyncedApplication } from '../../../src/argo/tree.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { type ArgoView, argoView } from '../../../src/ops/drift/argo-view.js';
import { liveObject } from './live.js';

type Fields = { readonly [key: string]: Json | undefined };

export const REVISION = 'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678';
export const LOOKED = '2025-11-22T03:00:00Z';
export const DESTINATION = 'kube-system';
const AUTOMATED = { automated: { prune: true, selfHeal: true }, retry: { limit: -1 } };

const manifest = (spec: Fields = {}): Manifest => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'selfheal-coredns', namespace: 'argocd' },
  spec: { destination: { namespace: DESTINATION }, syncPolicy: AUTOMATED, ...spec },
});

export const application = (more: Partial<SyncedApplication> = {}): SyncedApplication => ({
  cluster: 'attic',
  name: 'selfheal-coredns',
  namespace: 'argocd',
  folder: 'dist/attic/coredns',
  notRendered: null,
  policy: syncPolicyOf(manifest()),
  source: { file: 'a.yaml', manifest: manifest() },
  objects: [],
  ...more,
});

/** What Argo CD says of one object. */
export const resource = (of: Manifest, status = 'OutOfSync', more: Fields = {}): Json => ({
  group: of.apiVersion.includes('/') ? (of.apiVersion.split('/')[0] ?? '') : '',
  kind: of.kind,
  namespace: of.metadata.namespace ?? '',
  name: of.metadata.name,
  status,
  ...more,
});

/** A live Application: compared at LOOKED with REVISION, unless `status` says something else. */
export const viewOf = (status: Fields = {}, spec: Fields = {}, of = application()): ArgoView =>
  argoView(of, {
    ok: true,
    value: liveObject({
      ...manifest(spec),
      status: { sync: { status: 'Synced', revision: REVISION }, reconciledAt: LOOKED, ...status },
    }),
  });

/** Live objects for tests. */
import type { LiveObject, ManagedFields } from '../../../src/manifest/live-object.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';

/** An object as a server would return it, with these owners. */
export const liveObject = (manifest: Manifest, managedFields: readonly ManagedFields[] = []): LiveObject => ({
  ...manifest,
  metadata: {
    uid: 'u',
    resourceVersion: '7',
    creationTimestamp: '2025-11-01T00:00:00Z',
    ...manifest.metadata,
    managedFields,
  },
});

export const owner = (
  manager: string,
  fieldsV1: { readonly [key: string]: Json },
  more: Partial<ManagedFields> = {},
): ManagedFields => ({
  manager,
  operation: manager === 'argocd-controller' ? 'Apply' : 'Update',
  apiVersion: 'apps/v1',
  time: '2025-11-22T03:00:00Z',
  fieldsV1,
  ...more,
});

export const argo = (fieldsV1: { readonly [key: string]: Json }): ManagedFields => owner('argocd-controller', fieldsV1);

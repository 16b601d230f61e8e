/** Live objects as an API server would return them, for tests of who owns what. */
import type { LiveObject, ManagedFields } from '../../../src/manifest/live-object.js';
import type { Manifest } from '../../../src/manifest/manifest.js';

export const entry = (
  manager: string,
  operation: 'Apply' | 'Update',
  fieldsV1: object,
  subresource?: string,
): ManagedFields => ({
  manager,
  operation,
  apiVersion: 'apps/v1',
  time: '2026-11-20T10:00:00Z',
  ...(subresource !== undefined && { subresource }),
  fieldsV1: fieldsV1 as NonNullable<ManagedFields['fieldsV1']>,
});

export const liveObject = (
  manifest: Manifest,
  managedFields: readonly ManagedFields[],
  annotations: Readonly<Record<string, string>> = {},
): LiveObject => ({
  ...manifest,
  metadata: {
    ...manifest.metadata,
    annotations: { ...manifest.metadata.annotations, ...annotations },
    uid: 'u-1',
    resourceVersion: '7',
    creationTimestamp: '2026-11-01T10:00:00Z',
    managedFields,
  },
});

/**
 * CustomResourceDefinitions: Argo CD applies them, and treats them as nobody's when they leave Git.
 *
 * Seen with Argo CD 3.2: it puts its mark on every object but these, so it prunes none of them and shows none as left
 * over.
 */
import type { SyncedApplication } from '../../argo/tree.js';
import { groupOf, type Manifest } from '../../manifest/manifest.js';
import { INSTANCE_LABEL, TRACKING_ID } from '../drift/tracking.js';

/** Not deleted with an Application either, marked or not. */
export const isDefinition = (manifest: Manifest): boolean =>
  manifest.kind === 'CustomResourceDefinition' && groupOf(manifest) === 'apiextensions.k8s.io';

/** One that does not bring the mark of its Application itself. */
export function isLeftAlone({ name }: SyncedApplication, manifest: Manifest): boolean {
  if (!isDefinition(manifest)) return false;
  const { labels, annotations } = manifest.metadata;
  return labels?.[INSTANCE_LABEL] !== name && !annotations?.[TRACKING_ID]?.startsWith(`${name}:`);
}

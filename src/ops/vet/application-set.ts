/** What an ApplicationSet says of the Applications that it makes. */
import { at, textsAt } from '../../manifest/json.js';
import { groupOf, type Manifest } from '../../manifest/manifest.js';
import type { Placed } from './change.js';

export const isApplicationSet = ({ manifest }: Placed): boolean =>
  manifest.kind === 'ApplicationSet' && groupOf(manifest) === 'argoproj.io';

/** Whether its Applications take their objects along: Argo CD gives them the finalizer, unless it is told to keep. */
export function givesFinalizer(manifest: Manifest): boolean {
  const finalizers = textsAt(manifest, 'spec', 'template', 'metadata', 'finalizers');
  return finalizers.length > 0
    ? finalizers.some((finalizer) => finalizer.startsWith('resources-finalizer.argocd.argoproj.io'))
    : at(manifest, 'spec', 'syncPolicy', 'preserveResourcesOnDeletion') !== true;
}

/** An object without what changes by itself: what the server counts, and what is observed. */
import type { Manifest } from '../../manifest/manifest.js';

const COUNTED: ReadonlySet<string> = new Set([
  'managedFields',
  'resourceVersion',
  'generation',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
]);

/** Written by the server whenever the pod template changes. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

export function comparable({ status, metadata, ...content }: Manifest): Manifest {
  const { annotations, name, ...rest } = metadata;
  const kept = Object.entries(rest).filter(([key]) => !COUNTED.has(key));
  const { [TEMPLATE_GENERATION]: _, ...notes } = annotations ?? {};
  return {
    ...content,
    metadata: { ...Object.fromEntries(kept), name, ...(Object.keys(notes).length > 0 && { annotations: notes }) },
  };
}

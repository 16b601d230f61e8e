/** How an Application syncs: what it says, and Argo CD's defaults for the rest. */
import { isPlainObject } from '../cluster/parse/issue.js';
import type { Manifest } from '../manifest/manifest.js';
import { COMPARE_OPTIONS } from './sync-options.js';
import type { SyncPolicy } from './tree.js';

const DEFAULT_RETRIES = 5;
const FINALIZER = 'resources-finalizer.argocd.argoproj.io';

export function syncPolicyOf({ metadata, spec }: Manifest): SyncPolicy {
  const { destination, syncPolicy } = fields(spec);
  const { automated, syncOptions, retry } = fields(syncPolicy);
  const { prune, selfHeal, allowEmpty, enabled } = fields(automated);
  const { limit } = fields(retry);
  const { namespace } = fields(destination);
  return {
    automated: isPlainObject(automated) && enabled !== false,
    prune: prune === true,
    selfHeal: selfHeal === true,
    allowEmpty: allowEmpty === true,
    options: new Set(texts(syncOptions)),
    retryLimit: typeof limit === 'number' ? limit : DEFAULT_RETRIES,
    finalizer: finalizerOf(texts(metadata.finalizers)),
    destinationNamespace: typeof namespace === 'string' && namespace !== '' ? namespace : null,
    serverSideDiff: (metadata.annotations?.[COMPARE_OPTIONS] ?? '')
      .split(',')
      .some((option) => option.trim() === 'ServerSideDiff=true'),
  };
}

function finalizerOf(finalizers: readonly string[]): SyncPolicy['finalizer'] {
  const ours = finalizers.find((finalizer) => finalizer.startsWith(FINALIZER));
  if (ours === undefined) return 'none';
  return ours === `${FINALIZER}/background` ? 'background' : 'foreground';
}

const fields = (value: unknown): Readonly<Record<string, unknown>> => (isPlainObject(value) ? value : {});

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

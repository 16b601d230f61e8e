/** An Application goes on with the same objects in the same place. */

import type { SyncedApplication } from '../../../argo/tree.js';
import { at, show } from '../../../manifest/json.js';
import { isClusterScoped } from '../../../manifest/kinds.js';
import { counted } from '../../words.js';
import { placedApplication } from '../application.js';
import { type Concern, concern, type VetRule } from '../rule.js';
import { isSame } from '../same.js';

export const applicationMoved: VetRule = {
  id: 'application-moved',
  severity: 'error',
  reason:
    'Applications that went from one ApplicationSet to another deleted what they had synced: what points elsewhere is made anew over there, empty, and what was here is deleted or left to nobody.',
  mend: 'make a second Application for the new place, and empty the old one file by file',
  check: ({ applications }) =>
    applications.kept.flatMap(({ before, after }): readonly Concern[] =>
      [...OTHER_CLUSTER, NAMESPACE].flatMap((path): readonly Concern[] => {
        const [old, now] = [before, after].map(({ source }) => at(source.manifest, ...path));
        const outcome = path === NAMESPACE ? moved(after) : LEFT;
        if (old === undefined || isSame(old, now) || outcome === undefined) return [];
        const found = `expected ${path.join('.')} to stay ${show(old)}, got ${show(now)}: ${outcome}`;
        return [concern(placedApplication(after, 'head'), found, path)];
      }),
    ),
};

const NAMESPACE = ['spec', 'destination', 'namespace'];
const OTHER_CLUSTER = [
  ['spec', 'destination', 'server'],
  ['spec', 'destination', 'name'],
];
const LEFT = 'everything is created there, and what is here stays and is healed by nobody';

/** Only what has no namespace of its own goes along. */
function moved({ objects, policy }: SyncedApplication): string | undefined {
  const along = objects.filter(
    ({ manifest }) => manifest.metadata.namespace === undefined && !isClusterScoped(manifest),
  );
  if (along.length === 0) return undefined;
  return `${counted(along.length, 'object')} without a namespace: created there, ${policy.prune ? 'pruned' : 'left'} here`;
}

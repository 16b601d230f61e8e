/** No wave of a sync waits for what may never be healthy. */

import type { SyncedApplication } from '../../../argo/tree.js';
import { wavesThatMayNotEnd } from '../../../guardrails/rules/wave-can-end.js';
import { identityOf } from '../../../manifest/manifest.js';
import { concern, type VetRule } from '../rule.js';

export const waveWaits: VetRule = {
  id: 'wave-waits',
  severity: 'error',
  reason:
    'A root waited for a DaemonSet on a node that was down, and every other sync queued behind it: what would have healed the node was in a later wave.',
  mend: 'take the wave away, or give what is behind it an Application of its own',
  check: ({ applications, after }) => {
    const before = new Map(applications.kept.map((pair) => [pair.after, found(pair.before)]));
    return applications.kept
      .map((pair) => pair.after)
      .concat(applications.created)
      .flatMap((application) =>
        [...found(application)]
          .filter(([key]) => before.get(application)?.has(key) !== true)
          .flatMap(([key, text]) => {
            const placed = after.find((one) => one.application === application && identityOf(one.manifest) === key);
            return placed === undefined ? [] : [concern(placed, text, ['metadata', 'annotations'])];
          }),
      );
  },
};

const found = ({ name, objects }: SyncedApplication): ReadonlyMap<string, string> =>
  new Map(
    wavesThatMayNotEnd(objects.map(({ manifest }) => ({ application: name, manifest }))).map(
      ({ manifest, found: text }) => [identityOf(manifest), text],
    ),
  );

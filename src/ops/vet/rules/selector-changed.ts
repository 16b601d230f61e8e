/** What selects a workload's pods stays as it is. */
import { at, show } from '../../../manifest/json.js';
import { concern, type VetRule } from '../rule.js';
import { isSame } from '../same.js';

const SELECTING = ['Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet', 'Job'];

export const selectorChanged: VetRule = {
  id: 'selector-changed',
  severity: 'error',
  reason:
    'The API server refuses another selector, so the whole sync fails and nothing else of the change lands; who forces it has the workload deleted, and the old pods with it.',
  mend: 'leave the selector and change labels of the template only; or give the workload a new name, and remove the old one in a later change',
  check: ({ objects }) =>
    objects.kept
      .filter(({ after }) => SELECTING.includes(after.manifest.kind))
      .flatMap(({ before, after }) => {
        const [old, now] = [at(before.manifest, 'spec', 'selector'), at(after.manifest, 'spec', 'selector')];
        // A partial leaves it out and changes nothing.
        if (old === undefined || now === undefined || isSame(old, now)) return [];
        return [
          concern(after, `expected the selector ${show(old)}, got ${show(now)}: the API server refuses it`, [
            'spec',
            'selector',
          ]),
        ];
      }),
};

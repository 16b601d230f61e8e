/** The healing layer keeps no data of its own in the cluster. */
import { describe } from '../../manifest/manifest.js';
import type { Guardrail } from '../guardrail.js';

export const noStateOfOurs: Guardrail = {
  id: 'no-state-of-ours',
  severity: 'error',
  lesson:
    'The CronJob had only been suspended, and its PersistentVolume was still there: that volume was the mount which froze the node twice more.',
  incident: 'nov-7-8',
  check: ({ objects }) =>
    objects
      .filter(({ manifest }) => STATE.has(manifest.kind))
      .map(({ manifest }) => ({
        where: describe(manifest),
        found: `expected nothing that holds data, got a ${manifest.kind}`,
        mend: 'keep state on the host below /var/lib/selfheal, or in the chart that owns it',
      })),
};

const STATE = new Set(['PersistentVolume', 'PersistentVolumeClaim', 'StatefulSet', 'StorageClass', 'VolumeSnapshot']);

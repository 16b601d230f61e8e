/** What patches somebody else's object is tried without end. */
import { FOREIGN } from '../../../argo/sync-options.js';
import { placedApplication } from '../application.js';
import { type Concern, concern, type VetRule } from '../rule.js';

export const retryLimited: VetRule = {
  id: 'retry-limited',
  severity: 'error',
  reason:
    'Longhorn deletes its sidecars and creates them again at an upgrade; while one was away the retries ran out, and Argo CD never tried that revision again: the patch was lost silently.',
  mend: 'set spec.syncPolicy.retry.limit to -1 with a bounded backoff',
  check: ({ applications }) =>
    [...applications.created.map((after) => ({ before: undefined, after })), ...applications.kept].flatMap(
      ({ before, after }): readonly Concern[] => {
        const patches = after.objects.filter(({ manifest }) => manifest.metadata.annotations?.[FOREIGN] !== undefined);
        const { retryLimit: now } = after.policy;
        const wasLimited = before !== undefined && before.policy.retryLimit >= 0;
        return patches.length === 0 || now < 0 || wasLimited
          ? []
          : [
              concern(
                placedApplication(after, 'head'),
                `expected retry.limit -1 (it patches ${patches.length} foreign ${patches.length === 1 ? 'object' : 'objects'}), got ${now}`,
                ['spec', 'syncPolicy', 'retry', 'limit'],
              ),
            ];
      },
    ),
};

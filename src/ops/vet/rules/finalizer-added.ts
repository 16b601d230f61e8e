/** Deleting an Application deletes nothing else. */

import { counted } from '../../words.js';
import { placedApplication } from '../application.js';
import { givesFinalizer, isApplicationSet } from '../application-set.js';
import type { Placed } from '../change.js';
import { concern, type VetRule } from '../rule.js';

export const finalizerAdded: VetRule = {
  id: 'finalizer-added',
  severity: 'error',
  reason:
    'Applications came with a finalizer from a template; somebody deleted them to start afresh, and all services of staging and production were deleted with them.',
  mend: 'leave resources-finalizer.argocd.argoproj.io out: what is to go is removed file by file',
  check: ({ applications, objects }) => [
    ...[...applications.created.map((after) => ({ before: undefined, after })), ...applications.kept]
      .filter(
        ({ before, after }) => after.policy.finalizer !== 'none' && (before?.policy.finalizer ?? 'none') === 'none',
      )
      .map(({ after }) =>
        concern(
          placedApplication(after, 'head'),
          `expected no finalizer that deletes what was synced, got ${after.policy.finalizer} deletion of its ${counted(after.objects.length, 'object')}`,
          ['metadata', 'finalizers'],
        ),
      ),
    ...[...objects.created.map((after) => ({ before: undefined, after })), ...objects.kept]
      .filter(({ before, after }) => givesOne(after) && (before === undefined || !givesOne(before)))
      .map(({ after }) => ({
        ...concern(
          after,
          'expected Applications without a finalizer that deletes what was synced, got one on each that it makes',
          ['spec', 'syncPolicy'],
        ),
        mend: 'set spec.syncPolicy.preserveResourcesOnDeletion to true, and leave the finalizer out of the template',
      })),
  ],
};

const givesOne = (placed: Placed): boolean => isApplicationSet(placed) && givesFinalizer(placed.manifest);

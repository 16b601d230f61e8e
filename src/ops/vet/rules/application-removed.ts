/** An Application leaves Git only when nothing depends on it. */
import type { SyncedApplication } from '../../../argo/tree.js';
import { counted } from '../../words.js';
import { placedApplication } from '../application.js';
import { givesFinalizer, isApplicationSet } from '../application-set.js';
import type { Change } from '../change.js';
import { type Concern, concern, type VetRule } from '../rule.js';

export const applicationRemoved: VetRule = {
  id: 'application-removed',
  severity: 'error',
  reason:
    "An Application's file was all that stood between a control plane and its end: deleted with a finalizer it takes every object along, without one it leaves them to nobody, and nothing heals them any more.",
  mend: 'first remove the objects file by file, see them go, then remove the Application; patches of foreign objects are retired first',
  check: (change) => [
    ...change.applications.removed.map((application) =>
      concern(
        placedApplication(application, 'base'),
        `expected it to stay, got its file removed: ${outcomeOf(change, application)}`,
      ),
    ),
    ...removedSets(change),
  ],
};

function outcomeOf(change: Change, application: SyncedApplication): string {
  const objects = application.notRendered ?? `its ${counted(application.objects.length, 'object')}`;
  if (!change.isDeleted(application))
    return hasFolder(change, application)
      ? `it stays in the cluster and goes on with its folder, and Git no longer says how (${objects})`
      : `it stays in the cluster without a folder and heals nothing (${objects})`;
  return application.policy.finalizer === 'none'
    ? `it is deleted and leaves ${objects} to nobody`
    : `it is deleted and its finalizer deletes ${objects}`;
}

const hasFolder = ({ after, head }: Change, { folder }: SyncedApplication): boolean =>
  folder !== null && [...after, ...head.unclaimed].some(({ file }) => file.startsWith(`${folder}/`));

/** What an ApplicationSet has made goes with it. */
const removedSets = (change: Change): readonly Concern[] =>
  change.objects.removed
    .filter((placed) => isApplicationSet(placed) && change.fateOf(placed) !== 'kept')
    .map((placed) => ({
      ...concern(
        placed,
        `expected it to stay, got its file removed: every Application that it made is deleted with it, and ${
          givesFinalizer(placed.manifest)
            ? 'their finalizers delete what they synced'
            : 'what they synced is left to nobody'
        }`,
      ),
      mend: 'set spec.syncPolicy.preserveResourcesOnDeletion to true in a change of its own, wait until each of its Applications has lost the finalizer, then remove it',
    }));

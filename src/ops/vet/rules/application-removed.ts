/** An Application leaves Git only when nothing depends on it. */
import { counted } from '../../words.js';
import { placedApplication } from '../application.js';
import { concern, type VetRule } from '../rule.js';

export const applicationRemoved: VetRule = {
  id: 'application-removed',
  severity: 'error',
  reason:
    "An Application's file was all that stood between a control plane and its end: deleted with a finalizer it takes every object along, without one it leaves them to nobody, and nothing heals them any more.",
  mend: 'first remove the objects file by file, see them go, then remove the Application; patches of foreign objects are retired first',
  check: (change) =>
    change.applications.removed.map((application) => {
      const objects = application.notRendered ?? `its ${counted(application.objects.length, 'object')}`;
      return concern(placedApplication(application, 'base'), `expected it to stay, got its file removed: ${outcome()}`);

      function outcome(): string {
        if (!change.isDeleted(application))
          return `it stays in the cluster without a folder and heals nothing (${objects})`;
        return application.policy.finalizer === 'none'
          ? `it is deleted and leaves ${objects} to nobody`
          : `it is deleted and its finalizer deletes ${objects}`;
      }
    }),
};

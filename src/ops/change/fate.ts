/**
 * What becomes of an object that leaves Git.
 *
 * Argo CD asks the live object whether it may be pruned, so the protection that counts is the one before the change.
 */
import type { SyncedApplication, Tree } from '../../argo/tree.js';
import { optionsOf } from '../../guardrails/argo.js';
import type { Manifest } from '../../manifest/manifest.js';
import { isDefinition, isLeftAlone } from './definitions.js';
import { keyOfApplication, type Placed, refOfApplication } from './placed.js';

export interface Fate {
  readonly effect: 'pruned' | 'orphaned' | 'frozen';
  /** Why, as a sentence. */
  readonly because: string;
}

const stays = (because: string): Fate => ({ effect: 'orphaned', because });

export function fateOf({ application, manifest }: Placed, base: Tree, head: Tree): Fate {
  if (application === null) return stays('No Application here holds it: whoever applied it has to delete it.');
  if (isLeftAlone(application, manifest))
    return stays('It stays, with its objects: Argo CD never prunes a CustomResourceDefinition that it has not marked.');
  const after = findApplication(head, application);
  if (after === undefined) return fateWithout(application, manifest, base, head);
  if (after.notRendered !== null && after.objects.length === 0) return frozen(after);
  if (optionsOf(manifest).includes('Prune=false'))
    return stays('It stays: Prune=false. The Application is out of sync until somebody deletes the object.');
  const { automated, prune, allowEmpty, options } = after.policy;
  if (options.has('Prune=false'))
    return stays('It stays: Prune=false in the Application, which is out of sync until somebody deletes the object.');
  if (!automated) return stays('It stays until somebody syncs with pruning: the Application does not sync by itself.');
  if (!prune)
    return stays('It stays: the Application does not prune, and is out of sync until somebody deletes the object.');
  if (after.objects.length === 0 && !allowEmpty)
    return stays('It stays: an automated sync never prunes all that an Application has (allowEmpty is off).');
  return { effect: 'pruned', because: 'Argo CD deletes it.' };
}

/** The Application has left Git as well. What counts is whether it leaves the cluster, and with what finalizer. */
function fateWithout(application: SyncedApplication, manifest: Manifest, base: Tree, head: Tree): Fate {
  const { finalizer } = application.policy;
  if (!isDeleted(application, base, head))
    return {
      effect: 'frozen',
      because: `It stays as it is: Application ${application.name} stays in the cluster, and its folder is gone from Git.`,
    };
  if (finalizer === 'none')
    return stays(`It stays: Application ${application.name} goes without a finalizer. Nobody owns it then.`);
  if (isDefinition(manifest))
    return stays('It stays, with its objects: no Application deletes a CustomResourceDefinition.');
  // In the Application's own options Argo CD reads it from 3.4 on; who relies on that should be warned.
  if (optionsOf(manifest).includes('Delete=false'))
    return stays(
      `It stays: Delete=false, although Application ${application.name} deletes what it has. Nobody owns it then.`,
    );
  return {
    effect: 'pruned',
    because: `Application ${application.name} is deleted, and its finalizer deletes this with it.`,
  };
}

/** Whether an Application that is in Git no more is deleted from the cluster. */
function isDeleted(application: SyncedApplication, base: Tree, head: Tree): boolean {
  const holder = holderOf(application, base);
  if (holder === undefined || holder === application) return false;
  return (
    fateOf(
      {
        ...application.source,
        application: holder,
        cluster: holder.cluster,
        ref: refOfApplication(application),
      },
      base,
      head,
    ).effect === 'pruned'
  );
}

/** The Application that syncs an Application. */
const holderOf = ({ source }: SyncedApplication, { applications }: Tree): SyncedApplication | undefined =>
  applications.find(({ objects }) => objects.some(({ manifest }) => manifest === source.manifest));

const frozen = ({ name, notRendered }: SyncedApplication): Fate => ({
  effect: 'frozen',
  because: `It stays as it is: Argo CD cannot compare ${name} any more, or not from here (${notRendered}).`,
});

export const findApplication = ({ applications }: Tree, wanted: SyncedApplication): SyncedApplication | undefined =>
  applications.find((application) => keyOfApplication(application) === keyOfApplication(wanted));

/**
 * What becomes of an object that leaves Git.
 *
 * Argo CD asks the live object whether it may be pruned, so the protection that counts is the one before the change.
 * Nobody knows whether an Application or its new policy is synced first, so the worse of the two is told.
 */
import type { SyncedApplication, SyncPolicy, Tree } from '../../argo/tree.js';
import { optionsOf } from '../../guardrails/argo.js';
import { identityOf, type Manifest } from '../../manifest/manifest.js';
import { isDefinition, isLeftAlone } from './definitions.js';
import { findApplication, type Placed } from './placed.js';

/**
 * `pruned`: its Application deletes it. `cascaded`: it goes with its Application. `-by-hand`: only once a person syncs
 * with pruning, confirms it, or deletes the Application. `orphaned`: it stays. `frozen`: it stays, because its Application has
 * nothing to compare with.
 */
export type Outcome = 'pruned' | 'pruned-by-hand' | 'cascaded' | 'cascaded-by-hand' | 'orphaned' | 'frozen';

export interface Fate {
  readonly outcome: Outcome;
  /** A sentence. */
  readonly because: string;
}

const stays = (because: string): Fate => ({ outcome: 'orphaned', because });
const frozen = (because: string): Fate => ({
  outcome: 'frozen',
  because: `It stays as it is, and nothing heals it: ${because}.`,
});

/** Whether nobody has to ask for it. */
export const isDeleted = ({ outcome }: Fate): boolean => outcome === 'pruned' || outcome === 'cascaded';

/** Of an object of base. */
export function fateOf(
  { application, manifest }: Pick<Placed, 'application' | 'manifest'>,
  base: Tree,
  head: Tree,
  asked: readonly SyncedApplication[] = [],
): Fate {
  if (application === null) return stays('No Application here holds it: whoever applied it has to delete it.');
  if (isLeftAlone(application, manifest))
    return stays('It stays, with its objects: Argo CD never prunes a CustomResourceDefinition that it has not marked.');
  const after = findApplication(head, application);
  if (after === undefined) return fateWithout(application, manifest, base, head, asked);
  const { name, notRendered, objects, policy } = after;
  if (notRendered !== null && objects.length === 0)
    return frozen(`Argo CD cannot compare ${name} any more, or not from here (${notRendered})`);
  const now = fateUnder(policy, manifest, objects);
  return now.outcome !== 'pruned' && fateUnder(application.policy, manifest, objects).outcome === 'pruned'
    ? { outcome: 'pruned', because: `Argo CD deletes it, unless the change of ${name} itself is synced first.` }
    : now;
}

/** Of an Application that is in base and not in head. `asked`: it is asked for, because what it holds is. */
export function fateOfApplication(
  application: SyncedApplication,
  base: Tree,
  head: Tree,
  asked: readonly SyncedApplication[] = [],
): Fate {
  const holder = base.applications.find(({ objects }) =>
    objects.some(({ manifest }) => manifest === application.source.manifest),
  );
  const { manifest } = application.source;
  if (holder === undefined)
    return { outcome: 'pruned-by-hand', because: 'No Application here holds it: whoever applied it has to delete it.' };
  // One that syncs itself, or is synced by one that it syncs, is there to find its file gone.
  return holder === application || asked.includes(holder)
    ? fateInFolder(holder, manifest, head)
    : fateOf({ application: holder, manifest }, base, head, [...asked, application]);
}

/** The Application has left Git as well. What counts is whether it leaves the cluster, and with what finalizer. */
function fateWithout(
  application: SyncedApplication,
  manifest: Manifest,
  base: Tree,
  head: Tree,
  asked: readonly SyncedApplication[],
): Fate {
  const { outcome } = fateOfApplication(application, base, head, asked);
  const meanwhile = fateInFolder(application, manifest, head);
  if (meanwhile.outcome === 'pruned') return meanwhile;
  switch (outcome) {
    case 'pruned':
    case 'cascaded':
      return fateWith(application, manifest);
    case 'pruned-by-hand':
    case 'cascaded-by-hand':
      return fateWith(application, manifest).outcome === 'orphaned'
        ? meanwhile
        : {
            outcome: 'cascaded-by-hand',
            because: `It stays until somebody deletes Application ${application.name}, whose finalizer deletes this with it.`,
          };
    default:
      return meanwhile;
  }
}

/** As long as an Application is in the cluster it goes on with what head has in its folder. */
function fateInFolder(application: SyncedApplication, manifest: Manifest, head: Tree): Fate {
  const { name, policy } = application;
  const left = leftOf(application, head);
  if (left.length === 0) return frozen(`Application ${name} stays in the cluster, and its folder is gone from Git`);
  return left.some((each) => identityOf(each) === identityOf(manifest))
    ? stays(`It stays: its file is still in the folder of Application ${name}.`)
    : fateUnder(policy, manifest, left);
}

function leftOf({ objects }: SyncedApplication, { applications, unclaimed }: Tree): readonly Manifest[] {
  const folderOf = (file: string): string => file.slice(0, file.lastIndexOf('/') + 1);
  // What comes from a cluster has no file.
  const folders = new Set(objects.flatMap(({ file }) => (file === '' ? [] : [folderOf(file)])));
  return [...unclaimed, ...applications.flatMap(({ source, objects: own }) => [source, ...own])].flatMap(
    ({ file, manifest }) => (folders.has(folderOf(file)) ? [manifest] : []),
  );
}

/** The Application goes on, and finds the object's file gone. `left`: all that it still has. */
function fateUnder(
  { automated, prune, allowEmpty, options }: SyncPolicy,
  manifest: Manifest,
  left: readonly unknown[],
): Fate {
  if (optionsOf(manifest).includes('Prune=false'))
    return stays('It stays: Prune=false. The Application is out of sync until somebody deletes the object.');
  if (options.has('Prune=false'))
    return stays('It stays: Prune=false in the Application, which is out of sync until somebody deletes the object.');
  if (!automated)
    return {
      outcome: 'pruned-by-hand',
      because: 'It stays until somebody syncs with pruning: the Application does not sync by itself.',
    };
  if (!prune)
    return stays('It stays: the Application does not prune, and is out of sync until somebody deletes the object.');
  if (left.length === 0 && !allowEmpty)
    return stays('It stays: an automated sync never prunes all that an Application has (allowEmpty is off).');
  // In the Application's own options Argo CD reads it from 3.4 on: until then it prunes, which is the worse of the two.
  if (optionsOf(manifest).includes('Prune=confirm'))
    return {
      outcome: 'pruned-by-hand',
      because: 'It stays until somebody confirms it: Prune=confirm. The whole sync of the Application waits for that.',
    };
  return { outcome: 'pruned', because: 'Argo CD deletes it.' };
}

/** The Application is deleted. */
function fateWith({ name, policy }: SyncedApplication, manifest: Manifest): Fate {
  if (policy.finalizer === 'none')
    return stays(`It stays: Application ${name} goes without a finalizer. Nobody owns it then.`);
  if (isDefinition(manifest))
    return stays('It stays, with its objects: no Application deletes a CustomResourceDefinition.');
  // In the Application's own options Argo CD reads it from 3.4 on; who relies on that should be warned.
  if (optionsOf(manifest).includes('Delete=false'))
    return stays(`It stays: Delete=false, although Application ${name} deletes what it has. Nobody owns it then.`);
  if (optionsOf(manifest).includes('Delete=confirm'))
    return {
      outcome: 'cascaded-by-hand',
      because: `It stays until somebody confirms it: Delete=confirm. Application ${name} is deleted, and waits for that.`,
    };
  return { outcome: 'cascaded', because: `Application ${name} is deleted, and its finalizer deletes this with it.` };
}

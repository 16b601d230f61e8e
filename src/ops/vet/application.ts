/** An Application as an object of a tree. */
import type { SyncedApplication } from '../../argo/tree.js';
import { at, type Field } from '../../manifest/json.js';
import { keyOfApplication } from '../change/placed.js';
import type { Change, Placed } from './change.js';
import { isSame } from './same.js';

export const placedApplication = (application: SyncedApplication, side: Placed['side']): Placed => ({
  side,
  application,
  file: application.source.file,
  manifest: application.source.manifest,
});

export const isSameApplication = (a: SyncedApplication, b: SyncedApplication): boolean =>
  keyOfApplication(a) === keyOfApplication(b);

/**
 * Whether nobody can tell what its Application has in head: then it is not known to be gone. With the last file of a
 * folder the folder is gone too, and that is known.
 */
export const isUnseen = ({ head }: Change, { application }: Placed): boolean =>
  head.applications.some(
    (after) =>
      isSameApplication(after, application) &&
      after.notRendered !== null &&
      after.objects.length === 0 &&
      (after.folder !== null || !isSame(sourceOf(after), sourceOf(application))),
  );

const sourceOf = ({ source }: SyncedApplication): Field =>
  at(source.manifest, 'spec', 'source') ?? at(source.manifest, 'spec', 'sources');

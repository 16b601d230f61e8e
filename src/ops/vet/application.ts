/** An Application as an object of a tree. */
import type { SyncedApplication } from '../../argo/tree.js';
import type { Placed } from './change.js';

export const placedApplication = (application: SyncedApplication, side: Placed['side']): Placed => ({
  side,
  application,
  file: application.source.file,
  manifest: application.source.manifest,
});

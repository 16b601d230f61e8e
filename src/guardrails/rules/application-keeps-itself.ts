/** No Application can empty itself, and none takes a control plane with it. */

import { at, show } from '../../manifest/json.js';
import { describe, groupOf, type Manifest, type PlacedManifest } from '../../manifest/manifest.js';
import { applicationsIn, finalizersOf, isProtected, optionsOf, prunes, tryFindApplication } from '../argo.js';
import type { Guardrail, Violation } from '../guardrail.js';

export const applicationKeepsItself: Guardrail = {
  id: 'application-keeps-itself',
  severity: 'error',
  lesson:
    "Argo CD's own control plane was deleted by accident: one file that disappears from an Application that prunes is enough.",
  incident: 'argocd-wiped',
  check: ({ objects }) => [
    ...applicationsIn(objects).flatMap(careless),
    ...roots(objects),
    ...objects.flatMap(({ manifest }) => [...unprotected(manifest), ...cascading(manifest)]),
  ],
};

function careless(application: Manifest): readonly Violation[] {
  const where = describe(application);
  const finalizers = finalizersOf(application).filter((finalizer) => finalizer.startsWith('resources-finalizer'));
  return [
    ...(at(application, 'spec', 'syncPolicy', 'automated', 'allowEmpty') === true
      ? [{ where, found: 'expected allowEmpty false, got true', mend: 'remove it: an empty folder is a mistake' }]
      : []),
    ...(finalizers.length > 0
      ? [
          {
            where,
            found: `expected no finalizer that deletes what was synced, got ${show(finalizers)}`,
            mend: 'remove it: deleting an Application then leaves its objects alone',
          },
        ]
      : []),
  ];
}

/** An Application whose folder holds Applications. */
function roots(objects: readonly PlacedManifest[]): readonly Violation[] {
  const folders = objects
    .filter(({ manifest }) => manifest.kind === 'Application')
    .map(({ application }) => application);
  return [...new Set(folders)].flatMap((folder): readonly Violation[] => {
    const root = tryFindApplication(objects, folder);
    return root !== undefined && prunes(root)
      ? [
          {
            where: describe(root),
            found: 'expected prune false on the Application that syncs Applications, got true',
            mend: 'set automated.prune to false',
          },
        ]
      : [];
  });
}

/** Kinds that take others with them when they go. */
const CARRIERS = new Set([
  'argoproj.io/Application',
  'argoproj.io/ApplicationSet',
  'argoproj.io/AppProject',
  '/Namespace',
  '/PersistentVolume',
  '/PersistentVolumeClaim',
  'apiextensions.k8s.io/CustomResourceDefinition',
]);

const unprotected = (manifest: Manifest): readonly Violation[] =>
  CARRIERS.has(`${groupOf(manifest)}/${manifest.kind}`) && !isProtected(manifest)
    ? [
        {
          where: describe(manifest),
          found: `expected sync options Prune=false and Delete=false, got ${show(optionsOf(manifest))}`,
          mend: 'annotate it with syncOptions(...PROTECTED)',
        },
      ]
    : [];

const cascading = (manifest: Manifest): readonly Violation[] =>
  manifest.kind === 'ApplicationSet' && at(manifest, 'spec', 'syncPolicy', 'preserveResourcesOnDeletion') !== true
    ? [
        {
          where: describe(manifest),
          found: 'expected spec.syncPolicy.preserveResourcesOnDeletion true, got something else',
          mend: 'set it there; among the syncOptions it is ignored without a word',
        },
      ]
    : [];

/** Every word that is meant for Argo CD is one that Argo CD knows, in the place where it is read. */
import {
  type ApplicationSyncOption,
  COMPARE_OPTIONS,
  type ResourceSyncOption,
  SYNC_OPTIONS,
  SYNC_WAVE,
} from '../../argo/sync-options.js';
import { show, textsAt } from '../../manifest/json.js';
import { describe, type Manifest } from '../../manifest/manifest.js';
import { optionsOf } from '../argo.js';
import type { Guardrail, Violation } from '../guardrail.js';

export const knownSyncOptions: Guardrail = {
  id: 'known-sync-options',
  severity: 'error',
  lesson:
    'Argo CD ignores an option that it does not know: elsewhere the one that was to keep the objects stood in the wrong place, and two clusters were emptied.',
  incident: 'argocd-wiped',
  check: ({ objects }) =>
    objects.flatMap(({ manifest }) => [...ofApplication(manifest), ...ofObject(manifest), ...annotations(manifest)]),
};

// Records, so that the compiler asks for each member of the closed types.
const FOR_APPLICATIONS: Readonly<Record<ApplicationSyncOption, true>> = {
  'CreateNamespace=true': true,
  'FailOnSharedResource=true': true,
  'ApplyOutOfSyncOnly=true': true,
  'PruneLast=true': true,
  'ServerSideApply=true': true,
  'SkipDryRunOnMissingResource=true': true,
};

const FOR_OBJECTS: Readonly<Record<ResourceSyncOption, true>> = {
  'Prune=false': true,
  'Delete=false': true,
  'ServerSideApply=true': true,
  'SkipDryRunOnMissingResource=true': true,
  'Validate=false': true,
};

const ANNOTATIONS = new Set([
  SYNC_OPTIONS,
  COMPARE_OPTIONS,
  SYNC_WAVE,
  'argocd.argoproj.io/hook',
  'argocd.argoproj.io/hook-delete-policy',
  'argocd.argoproj.io/ignore-healthcheck',
  'argocd.argoproj.io/manifest-generate-paths',
]);

const COMPARISONS = new Set(['IgnoreExtraneous', 'ServerSideDiff=true', 'IncludeMutationWebhook=true']);

const unknown = (manifest: Manifest, place: string, word: string, known: Iterable<string>): Violation => ({
  where: describe(manifest),
  found: `expected ${place} that Argo CD knows there (${[...known].join(', ')}), got ${show(word)}`,
  mend: 'correct the word, or add it to the closed types in src/argo/sync-options.ts once it is known to work',
});

const ofApplication = (manifest: Manifest): readonly Violation[] =>
  manifest.kind === 'Application'
    ? textsAt(manifest, 'spec', 'syncPolicy', 'syncOptions')
        .filter((option) => !Object.hasOwn(FOR_APPLICATIONS, option))
        .map((option) => unknown(manifest, 'a sync option', option, Object.keys(FOR_APPLICATIONS)))
    : [];

const ofObject = (manifest: Manifest): readonly Violation[] =>
  optionsOf(manifest)
    .filter((option) => !Object.hasOwn(FOR_OBJECTS, option))
    .map((option) => unknown(manifest, 'a sync option', option, Object.keys(FOR_OBJECTS)));

function annotations(manifest: Manifest): readonly Violation[] {
  const { annotations = {} } = manifest.metadata;
  const comparisons = (annotations[COMPARE_OPTIONS] ?? '').split(',').map((option) => option.trim());
  const wave = annotations[SYNC_WAVE];
  return [
    ...Object.keys(annotations)
      .filter((key) => key.startsWith('argocd.argoproj.io/') && !ANNOTATIONS.has(key))
      .map((key) => unknown(manifest, 'an annotation', key, ANNOTATIONS)),
    ...comparisons
      .filter((option) => option !== '' && !COMPARISONS.has(option))
      .map((option) => unknown(manifest, 'a compare option', option, COMPARISONS)),
    ...(wave === undefined || /^-?\d+$/.test(wave) ? [] : [unknown(manifest, 'a wave', wave, ['a whole number'])]),
  ];
}

/** Every sync option is one that Argo CD reads, where it reads it. */
import { COMPARE_OPTIONS, SYNC_OPTIONS, SYNC_WAVE } from '../../../argo/sync-options.js';
import { didYouMean, show } from '../../../cluster/parse/issue.js';
import { optionsOf } from '../../../guardrails/argo.js';
import { textsAt } from '../../../manifest/json.js';
import { placedApplication } from '../application.js';
import { isApplicationSet } from '../application-set.js';
import type { Placed } from '../change.js';
import { type Concern, concern, type VetRule } from '../rule.js';
import { APPLICATION_OPTIONS, APPLICATION_SINCE, RESOURCE_OPTIONS } from '../sync-options.js';

export const unknownSyncOption: VetRule = {
  id: 'unknown-sync-option',
  severity: 'error',
  reason:
    'Argo CD ignores an option that it does not know, without a word: preserveResourcesOnDeletion stood among the syncOptions, and two clusters were emptied.',
  mend: 'write the option as Argo CD does and where it reads it',
  check: ({ applications, after, objects }) => {
    const old = new Map(applications.kept.map((pair) => [pair.after, pair.before]));
    const earlier = new Map(objects.kept.map((pair) => [pair.after, pair.before]));
    return [
      ...applications.kept
        .map((pair) => pair.after)
        .concat(applications.created)
        .flatMap((application) => {
          const before = old.get(application)?.policy.options ?? new Set();
          const written = textsAt(application.source.manifest, 'spec', 'syncPolicy', 'syncOptions');
          return written.flatMap((option, index): readonly Concern[] => {
            const wrong = before.has(option) ? undefined : ofApplication(option);
            const field = ['spec', 'syncPolicy', 'syncOptions', index];
            return wrong === undefined ? [] : [concern(placedApplication(application, 'head'), wrong, field)];
          });
        }),
      ...after.flatMap((placed) => {
        const before = earlier.get(placed);
        const known = before === undefined ? [] : optionsOf(before.manifest);
        return optionsOf(placed.manifest)
          .filter((option) => !known.includes(option))
          .flatMap((option): readonly Concern[] => {
            const wrong = ofObject(option);
            return wrong === undefined ? [] : [concern(placed, wrong, ['metadata', 'annotations', SYNC_OPTIONS])];
          });
      }),
      ...objects.created
        .concat(objects.kept.map((pair) => pair.after))
        .flatMap((placed) => [...misplaced(placed, earlier.get(placed)), ...misspelt(placed, earlier.get(placed))]),
    ];
  },
};

/** The field of an ApplicationSet that keeps objects; as an option it is ignored. */
const KEEP = 'preserveResourcesOnDeletion';

function ofApplication(option: string): string | undefined {
  if (APPLICATION_OPTIONS.includes(option)) return undefined;
  const since = APPLICATION_SINCE.get(option);
  if (since !== undefined)
    return `expected an option that every Argo CD from 3.2 on reads on an Application, got ${show(option)}: it is read there since ${since}, and on the object itself by all`;
  if (RESOURCE_OPTIONS.includes(option))
    return `expected ${show(option)} in the annotation of the object: on an Application Argo CD ignores it`;
  if (option.startsWith(KEEP))
    return `expected ${KEEP} in the syncPolicy of an ApplicationSet: among the syncOptions Argo CD ignores it`;
  return `expected a sync option that Argo CD knows, got ${show(option)}, which it ignores${didYouMean(option, APPLICATION_OPTIONS)}`;
}

function ofObject(option: string): string | undefined {
  if (RESOURCE_OPTIONS.includes(option)) return undefined;
  if (APPLICATION_OPTIONS.includes(option))
    return `expected ${show(option)} among the syncOptions of the Application: on an object Argo CD ignores it`;
  return `expected a sync option that Argo CD knows, got ${show(option)}, which it ignores${didYouMean(option, RESOURCE_OPTIONS)}`;
}

const ANNOTATIONS = [SYNC_OPTIONS, SYNC_WAVE, COMPARE_OPTIONS];

/** An annotation that is nearly one of Argo CD's, or one of them among the labels, where it does nothing. */
function misspelt(placed: Placed, before: Placed | undefined): readonly Concern[] {
  const { annotations = {}, labels = {} } = placed.manifest.metadata;
  const known = before?.manifest.metadata;
  return [
    ...Object.keys(annotations).flatMap((key) => {
      const meant = known?.annotations?.[key] === undefined ? nearlyArgos(key) : undefined;
      return meant === undefined
        ? []
        : [
            concern(placed, `expected the annotation ${meant}, got ${show(key)}, which Argo CD ignores`, [
              ...['metadata', 'annotations'],
              key,
            ]),
          ];
    }),
    ...Object.keys(labels)
      .filter((key) => ANNOTATIONS.includes(key) && known?.labels?.[key] === undefined)
      .map((key) =>
        concern(placed, `expected ${key} among the annotations, got a label, which Argo CD ignores`, [
          ...['metadata', 'labels'],
          key,
        ]),
      ),
  ];
}

/** A keystroke or two away, or with another beginning. */
const nearlyArgos = (key: string): string | undefined =>
  ANNOTATIONS.includes(key)
    ? undefined
    : ANNOTATIONS.find(
        (known) => didYouMean(key, [known]) !== '' || (/argo/i.test(key) && key.endsWith(known.replace(/^.*\//, '/'))),
      );

/** An ApplicationSet's template has syncOptions as well. */
function misplaced(placed: Placed, before: Placed | undefined): readonly Concern[] {
  if (!isApplicationSet(placed)) return [];
  const path = ['spec', 'template', 'spec', 'syncPolicy', 'syncOptions'];
  const known = before === undefined ? [] : textsAt(before.manifest, ...path);
  return textsAt(placed.manifest, ...path).flatMap((option, index) => {
    const wrong = known.includes(option) ? undefined : ofApplication(option);
    return wrong === undefined ? [] : [concern(placed, wrong, [...path, index])];
  });
}

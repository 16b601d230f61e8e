/** Where objects carry Longhorn's job labels, and what comes of them there. */
import type { Longhorn } from '../cluster/cluster.js';
import { at, type Field, listAt, textAt } from '../manifest/json.js';
import { describe, type Manifest, type PlacedManifest } from '../manifest/manifest.js';
import { type Assignment, assignmentsIn, isSource } from './longhorn-jobs.js';

interface LabelledVolume {
  readonly where: string;
  readonly own: readonly Assignment[];

  /** Why Longhorn does not look at these labels, or null. */
  readonly ignored: string | null;

  /** Whether the description leaves it out on purpose. */
  readonly isExcluded: boolean;
}

/** Those with a label at least: the others are in the group `default`. */
export const labelledVolumes = (objects: readonly PlacedManifest[], longhorn: Longhorn): readonly LabelledVolume[] =>
  objects.flatMap(({ manifest }) => volumesIn(manifest, longhorn)).filter(({ own }) => own.length > 0);

function volumesIn(manifest: Manifest, { excludeVolumes }: Longhorn): readonly LabelledVolume[] {
  const { kind, apiVersion, metadata } = manifest;
  const where = describe(manifest);
  const isExcluded = (matches: (claim: string) => boolean) =>
    excludeVolumes.some(
      (volume) => volume.kind === 'claim' && volume.namespace === metadata.namespace && matches(volume.claim),
    );
  switch (kind) {
    case 'PersistentVolumeClaim':
      return [
        claim(
          where,
          metadata.labels,
          isExcluded((name) => name === metadata.name),
        ),
      ];
    case 'StatefulSet':
      return listAt(manifest, 'spec', 'volumeClaimTemplates').map((template) => {
        const name = textAt(template, 'metadata', 'name') ?? '';
        const ofIt = new RegExp(`^${name}-${metadata.name}-\\d+$`);
        const labels = at(template, 'metadata', 'labels');
        return claim(
          `${where}, volumeClaimTemplate ${name}`,
          labels,
          isExcluded((one) => ofIt.test(one)),
        );
      });
    case 'PersistentVolume':
      return [
        {
          where,
          own: assignmentsIn(metadata.labels),
          ignored: 'those of a PersistentVolume reach no volume',
          isExcluded: false,
        },
      ];
    case 'Volume':
      return apiVersion.startsWith('longhorn.io/')
        ? [
            {
              where,
              own: assignmentsIn(metadata.labels),
              ignored: null,
              isExcluded: excludeVolumes.some((volume) => volume.kind === 'volume' && volume.name === metadata.name),
            },
          ]
        : [];
    default:
      return [];
  }
}

const claim = (where: string, labels: Field, isExcluded: boolean): LabelledVolume => ({
  where,
  own: assignmentsIn(labels),
  ignored: isSource(labels) ? null : 'without recurring-job.longhorn.io/source=enabled Longhorn does not look at them',
  isExcluded,
});

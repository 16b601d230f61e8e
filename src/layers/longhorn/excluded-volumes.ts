/**
 * Volumes that no recurring job is meant to reach.
 *
 * Longhorn has no list of exceptions. A volume without any job label gets the group `default`; one with the label of a
 * group that no job is in does not, and is copied by nobody. Neither claims nor volumes are ours to patch: they come and
 * go with their workloads, and a patch of a volume that is gone would create one.
 */
import type { Longhorn } from '../../cluster/cluster.js';

/** The label of a group that never has a job. */
export const LEFT_OUT_LABEL = 'recurring-job-group.longhorn.io/left-out';

type Volume = Longhorn['excludeVolumes'][number];

/** `namespace/claim`, or the volume's own name. */
const nameOf = (volume: Volume): string =>
  volume.kind === 'claim' ? `${volume.namespace}/${volume.claim}` : volume.name;

const ANNOTATION = 'selfheal.dev/excluded-volumes';

/** For the person who reads the job: it names no volumes, and what keeps these away is elsewhere. */
export const excludedVolumesNote = ({ excludeVolumes }: Longhorn) =>
  excludeVolumes.length === 0
    ? {}
    : {
        annotations: {
          [ANNOTATION]: `${excludeVolumes.map(nameOf).join(', ')}; kept out by the label ${LEFT_OUT_LABEL}=enabled, which is set by hand on the claim (with recurring-job.longhorn.io/source=enabled) or on the volume`,
        },
      };

/** The series of `longhorn_volume_capacity_bytes` of these volumes, or null where there is none. */
export function excludedVolumesSelector({ excludeVolumes }: Longhorn): string | null {
  const series = excludeVolumes.map((volume) =>
    volume.kind === 'claim'
      ? `longhorn_volume_capacity_bytes{pvc_namespace="${volume.namespace}",pvc="${volume.claim}"}`
      : `longhorn_volume_capacity_bytes{volume="${volume.name}"}`,
  );
  return series.length === 0 ? null : series.join('\nor\n');
}

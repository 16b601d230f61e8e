/** Pods of which the scheduler says nothing although it has looked: it waits for a volume on the node that it chose. */
import { listAt, textAt } from '../../manifest/json.js';
import type { LiveObject } from '../../manifest/live-object.js';
import { timeOf, writtenAt } from './live.js';
import { UNTOUCHED_WITH_CLAIM } from './thresholds.js';

const CHOSEN_NODE = 'volume.kubernetes.io/selected-node';

const claimsOf = ({ spec }: LiveObject): readonly string[] =>
  listAt(spec, 'volumes').flatMap((volume) => textAt(volume, 'persistentVolumeClaim', 'claimName') ?? []);

export const hasClaim = (pod: LiveObject): boolean => claimsOf(pod).length > 0;

/** A scheduler gives up after its time, and says so: what is older than that is none of it. */
export const waitsForVolume = (pod: LiveObject, claims: readonly LiveObject[], now: number): boolean =>
  claims.some(
    (claim) =>
      claim.metadata.namespace === pod.metadata.namespace &&
      claimsOf(pod).includes(claim.metadata.name) &&
      textAt(claim.status, 'phase') !== 'Bound' &&
      claim.metadata.annotations?.[CHOSEN_NODE] !== undefined &&
      now - (chosenAt(claim) ?? timeOf(pod.metadata.creationTimestamp) ?? now) <= UNTOUCHED_WITH_CLAIM.seconds * 1_000,
  );

/** Later than the pod where it waited through an outage of the scheduler. */
const chosenAt = ({ metadata }: LiveObject): number | undefined =>
  writtenAt(metadata, 'f:metadata', 'f:annotations', `f:${CHOSEN_NODE}`);

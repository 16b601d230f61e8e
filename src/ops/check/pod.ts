/** What a Pod says of itself, beside what every live object says. */
import { at, listAt, textAt } from '../../manifest/json.js';
import type { LiveObject } from '../../manifest/live-object.js';
import { timeOf } from './live.js';

/** `namespace/name`. */
export const podName = ({ metadata: { namespace = '', name } }: LiveObject): string => `${namespace}/${name}`;

export const phaseOf = ({ status }: LiveObject): string => textAt(status, 'phase') ?? '';

/** Its containers have ended for good. */
export const hasEnded = (pod: LiveObject): boolean => ['Succeeded', 'Failed'].includes(phaseOf(pod));

export const isTerminating = ({ metadata }: LiveObject): boolean => metadata.deletionTimestamp !== undefined;

/** Made by a kubelet of a file on its host; the API only mirrors it. */
export const isMirror = ({ metadata }: LiveObject): boolean =>
  metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;

export const isOfDaemonSet = ({ metadata }: LiveObject): boolean =>
  listAt(metadata, 'ownerReferences').some(
    (owner) => textAt(owner, 'kind') === 'DaemonSet' && at(owner, 'controller') === true,
  );

export const hasOwner = ({ metadata }: LiveObject): boolean => listAt(metadata, 'ownerReferences').length > 0;

/** How long ago it should have been gone, its grace over; undefined where it does not terminate. */
export function overdue({ metadata }: LiveObject, now: number): number | undefined {
  // The API server adds the grace to the time of the deletion.
  const due = timeOf(metadata.deletionTimestamp);
  return due === undefined ? undefined : now - due;
}

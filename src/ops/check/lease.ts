/** Who holds a lease of the control plane, and whether he renews it: by the API server's clock. */
import { numberAt, textAt } from '../../manifest/json.js';
import type { LiveObject } from '../../manifest/live-object.js';
import { timeOf, writtenAt } from './live.js';
import { SKEW_SECONDS, TAKE_OVER_SECONDS } from './thresholds.js';

export interface HeldLease {
  readonly name: string;
  /** The node; empty where nobody holds it. */
  readonly holder: string;
  /** Milliseconds since it was renewed; never below zero. */
  readonly age: number;
  readonly isRenewed: boolean;
}

/** A sentence where it cannot be told. */
export function readLease({ metadata, spec }: LiveObject, now: number): HeldLease | string {
  const { name } = metadata;
  const lasts = numberAt(spec, 'leaseDurationSeconds');
  // The holder's own clock wrote `renewTime`. The server's record of who wrote the field when has the time by its own.
  const renewed = writtenAt(metadata, 'f:spec', 'f:renewTime') ?? timeOf(textAt(spec, 'renewTime'));
  if (lasts === undefined || renewed === undefined) return 'expected a duration and the time of a renewal, got none';
  const age = now - renewed;
  if (age < -SKEW_SECONDS * 1_000)
    return `its renewal is ${Math.round(-age / 1_000)} s ahead of the API server: a clock is off`;
  // `host_uuid`: a host's name has no such stroke.
  const holder = (textAt(spec, 'holderIdentity') ?? '').replace(/_.*$/, '').toLowerCase();
  return { name, holder, age: Math.max(0, age), isRenewed: age <= (lasts + TAKE_OVER_SECONDS) * 1_000 };
}

/** Of the control plane's own, wherever it is; undefined where there is none of this name. */
export const controlPlaneLease = (leases: readonly LiveObject[], name: string): LiveObject | undefined =>
  leases.find(({ metadata }) => metadata.namespace === 'kube-system' && metadata.name === name);

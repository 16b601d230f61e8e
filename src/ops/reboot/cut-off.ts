/** How a run ends that cannot look again, or was told not to: it says what stood when it last looked. */
import { GO_ON } from './ends.js';
import { LEASE_MS } from './lock.js';
import { LEASE } from './names.js';
import { stepText } from './progress.js';
import { leftBehind } from './standing.js';
import type { End, Seen, Step } from './state.js';

interface LastSeen {
  /** Null: there was no look. */
  readonly seen: Seen | null;
  /** Written after that look; what became of it only another one tells. */
  readonly sent: Step | null;
  /** The Lease was not given back. */
  readonly holds: boolean;
}

export function cutOff(kind: 'stopped' | 'lost', why: string, { seen, sent, holds }: LastSeen): End {
  const after = sent === null ? null : stepText(sent);
  const left = [
    ...(seen === null ? ['not known: the cluster was never seen'] : leftBehind(seen)),
    ...(after === null ? [] : [`perhaps done already: ${after}`]),
    ...(holds ? [HELD] : []),
  ];
  return { kind, node: null, step: 'lock', why, left, next: GO_ON };
}

const HELD = `Lease ${LEASE.namespace}/${LEASE.name}: held by this run; another one may take it once it has not changed for ${LEASE_MS / 1_000} s`;

/** What a rule about a change is, and what it finds. */
import { describe } from '../../manifest/manifest.js';
import type { Change, Placed } from './change.js';

export interface Concern {
  readonly placed: Placed;

  /** Keys and indices of the field in the file; empty for the whole object. */
  readonly field: readonly (string | number)[];

  /** What is expected and what the change makes of it. */
  readonly found: string;

  /** The change that answers it, where the rule's own is too general. */
  readonly mend?: string;
}

/** What a person may set. */
export interface Limits {
  /** The share of an Application's objects that may go, in percent, */
  readonly pruneShare: number;
  /** unless they are fewer than this. */
  readonly pruneCount: number;
}

export interface VetRule {
  /** Kebab-case; the name of its file and its heading in docs/vet.md. */
  readonly id: string;

  /** An error loses data, rights or service; a warning may be meant. */
  readonly severity: 'error' | 'warning';

  /** What happened when nobody checked: one sentence. */
  readonly reason: string;

  /** The change that answers it. */
  readonly mend: string;

  readonly check: (change: Change, limits: Limits) => readonly Concern[];
}

export const concern = (placed: Placed, found: string, field: Concern['field'] = []): Concern => ({
  placed,
  field,
  found,
});

/** For messages. */
export const named = ({ manifest }: Placed): string => describe(manifest);

/** Everything that a review says, before it is text, markdown or JSON. */
import type { Tree } from '../../argo/tree.js';
import { type HostChange, hostChanges } from './host-changes.js';
import type { ObjectChange } from './object-change.js';
import { review } from './review.js';

export interface Report {
  /** As a person names the two sides: `main (1a2b3c4)`, `the working tree`. */
  readonly base: string;
  readonly head: string;
  readonly changes: readonly ObjectChange[];
  readonly hosts: readonly HostChange[];
  /** Applications whose objects are not here, and why: no change of theirs is in this report. */
  readonly notRendered: readonly string[];
}

export function reportOf(sides: { readonly base: string; readonly head: string }, base: Tree, head: Tree): Report {
  return {
    ...sides,
    changes: review(base, head),
    hosts: hostChanges(base, head),
    notRendered: head.applications.flatMap(({ name, notRendered }) =>
      notRendered === null ? [] : [`${name}: ${notRendered}`],
    ),
  };
}

export const HEADINGS = { danger: 'Danger', care: 'With care', plain: 'Plain' } as const;

export const WEIGHTS = ['danger', 'care', 'plain'] as const;

/** `1 danger, 2 with care, 14 plain`. */
export function summaryOf({ changes }: Report): string {
  if (changes.length === 0) return 'no change';
  return WEIGHTS.flatMap((weight) => {
    const count = changes.filter((change) => change.weight === weight).length;
    const words = { danger: count === 1 ? 'danger' : 'dangers', care: 'with care', plain: 'plain' }[weight];
    return count === 0 ? [] : [`${count} ${words}`];
  }).join(', ');
}

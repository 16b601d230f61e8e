/** What is wrong with an input: where, what was expected, what was found. */
import { holdsSecret } from '../secret.js';

export interface Issue {
  /** Dotted path into the input, e.g. `nodes.jarvis.timeZone`; empty for the input itself. */
  readonly path: string;
  /** `expected …, got …`, without a final period. */
  readonly message: string;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly Issue[] };

const SHOWN_LENGTH = 80;

/**
 * A value as a message shows it: JSON, so that `""` and nothing differ, and short. A secret is not shown: messages stay
 * in the logs of a CI.
 */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') return `a ${typeof value}`;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value); // JSON would say null.
  if (value instanceof Object && !Array.isArray(value) && !isPlainObject(value)) {
    return `an instance of ${value.constructor?.name}`; // JSON says {} of a Map.
  }
  let text: string;
  try {
    text = JSON.stringify(value) ?? 'nothing';
  } catch {
    // A cycle or a throwing toJSON: the type is all that can be said of it.
    return `${Array.isArray(value) ? 'a list' : 'an object'} that JSON cannot show`;
  }
  if (holdsSecret(text)) return 'what looks like a secret (not shown)';
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}

/** An object as JSON or a literal makes it; no Map, no Date, no list. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** `one of "a", "b"`, or just `"a"`. */
export function showChoices(choices: readonly string[]): string {
  const shown = choices.map((choice) => JSON.stringify(choice)).join(', ');
  return choices.length === 1 ? shown : `one of ${shown}`;
}

/** `; did you mean "x"?` where one candidate is at most two keystrokes away, otherwise nothing. */
export function didYouMean(text: string, candidates: readonly string[]): string {
  const near = candidates
    .filter((candidate) => Math.abs(candidate.length - text.length) <= 2)
    .map((candidate) => ({ candidate, distance: editDistance(text.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.min(2, Math.floor(candidate.length / 2)))
    .sort((a, b) => a.distance - b.distance)[0];
  return near ? `; did you mean ${JSON.stringify(near.candidate)}?` : '';
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= a.length; row++) {
    const current: number[] = [row];
    rows.push(current);
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + (same ? 0 : 1),
        swapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
  }
  return at(a.length, b.length);
}

/** A value that something else has already. */
export const ownValue = (path: string, what: string, value: string, owner: string): Issue => ({
  path,
  message: `expected ${what} of its own, got ${show(value)} which ${owner} has`,
});

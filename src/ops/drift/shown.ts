/** Values and lists as they are shown to people: short enough for a terminal, and never wrong by being short. */
import type { Json } from '../../manifest/manifest.js';
import { commonLength } from '../words.js';

const WIDTH = 72;

/** JSON, so that "" and nothing differ. Longer values are cut, and say how long they are. */
function shownValue(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  if (text.length <= WIDTH) return text;
  const size = typeof value === 'string' ? `${value.length} characters` : `${text.length} characters of JSON`;
  return `${text.slice(0, WIDTH - 20)}… (${size})`;
}

/** Two values of which at most the beginning is shown, cut so that they are seen to differ. */
export function shownPair(a: Json | undefined, b: Json | undefined): readonly [string, string] {
  const [first, second] = [shownValue(a), shownValue(b)];
  if (typeof a !== 'string' || typeof b !== 'string' || (first !== second && !first.includes('…')))
    return [first, second];
  const start = Math.max(0, commonLength(a, b) - 10);
  const cut = (text: string): string =>
    `${start > 0 ? '…' : ''}${shownValue(text.slice(start, start + WIDTH - 30))}${start + WIDTH - 30 < text.length ? '…' : ''}`;
  return [cut(a), cut(b)];
}

/** The first few, and how many more. */
export const some = (names: readonly string[], most: number): string =>
  names.length <= most + 1 ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;

/** How promtool writes the values of a series. */
import type { Values } from './world.js';

/** Runs of equal steps are folded. A series that goes away is marked stale, as by a scrape. */
export function notation(values: Values, minutes: number): string {
  const samples = Array.from({ length: minutes + 1 }, (_, minute) => values(minute));
  const words: string[] = [];
  for (let at = 0; at < samples.length; ) {
    const first = samples[at] ?? null;
    if (first === null) {
      const length = runLength(samples, at, (value) => value === null);
      words.push(...(at > 0 ? ['stale', ...(length > 1 ? [`_x${length - 1}`] : [])] : [`_x${length}`]));
      at += length;
      continue;
    }
    const step = (samples[at + 1] ?? first) - first;
    const length = runLength(samples, at, (value, index) => value !== null && value === first + step * index);
    words.push(length === 1 ? `${first}` : `${first}${step < 0 ? '-' : '+'}${Math.abs(step)}x${length - 1}`);
    at += length;
  }
  return words.join(' ');
}

function runLength(
  samples: readonly (number | null)[],
  from: number,
  goesOn: (value: number | null, index: number) => boolean,
): number {
  let length = 1;
  while (from + length < samples.length && goesOn(samples[from + length] ?? null, length)) length += 1;
  return length;
}

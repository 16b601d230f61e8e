/** How promtool writes the values of a series. */
import type { Series, Values } from './world.js';

interface InputSeries {
  readonly series: string;
  readonly values: string;
}

interface Written {
  readonly input: InputSeries;

  /** Equal where the input is. */
  readonly id: number;
}

/** A series from minute 0 to the last one. */
export function inputSeries(one: Series, minutes: number): Written {
  const before = written.get(one)?.get(minutes);
  if (before !== undefined) return before;
  const labels = Object.entries(one.labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  const input = { series: `${one.metric}{${labels.join(',')}}`, values: notation(one.values, minutes) };
  const text = `${input.series} ${input.values}`;
  const id = ids.get(text) ?? ids.size;
  ids.set(text, id);
  written.set(one, new Map(written.get(one)).set(minutes, { input, id }));
  return { input, id };
}

/** Most cases have most of their series from the same healthy world. */
const written = new WeakMap<Series, ReadonlyMap<number, Written>>();
const ids = new Map<string, number>();

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

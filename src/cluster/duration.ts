/** Lengths of time, kept in whole seconds and written in each consumer's own notation. */
export interface Duration {
  readonly seconds: number;
}

export const minutes = (count: number): Duration => ({ seconds: count * 60 });
export const hours = (count: number): Duration => minutes(count * 60);

/** The units that a description knows, the largest first, with their seconds. */
export const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** Reads `'20min'`; undefined when the text is not a whole number with one of the units s, min, h, d. */
export function tryReadDuration(text: string): Duration | undefined {
  const match = /^(\d{1,9})(s|min|h|d)$/.exec(text);
  const unit = UNITS.find(([name]) => name === match?.[2]);
  return match && unit ? { seconds: Number(match[1]) * unit[1] } : undefined;
}

/** The shortest exact notation with one unit: 120 s is `2min`. systemd reads it as it stands. */
export function formatDuration({ seconds }: Duration): string {
  const [name, size] = UNITS.find(([, size]) => seconds >= size && seconds % size === 0) ?? (['s', 1] as const);
  return `${seconds / size}${name}`;
}

/** The same for PromQL and the Prometheus Operator, where a minute is `m`. */
export const formatPromDuration = (duration: Duration): string => formatDuration(duration).replace('min', 'm');

/**
 * As Go writes a duration: `5m0s`. For fields that a controller reads and writes back: any other notation of the same
 * length would be a difference for ever.
 */
export function formatGoDuration({ seconds }: Duration): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60];
  return `${hours > 0 ? `${hours}h` : ''}${seconds >= 60 ? `${minutes}m` : ''}${rest}s`;
}

/** The same in words, for messages and alert texts: `2 minutes`. */
export function describeDuration(duration: Duration): string {
  const [, count, unit] = /^(\d+)(\D+)$/.exec(formatDuration(duration)) ?? [];
  const word = { d: 'day', h: 'hour', min: 'minute', s: 'second' }[unit ?? 's'] ?? 'second';
  return `${count} ${word}${count === '1' ? '' : 's'}`;
}

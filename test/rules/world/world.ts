/**
 * What a Prometheus would have scraped: for each series its value at each minute.
 *
 * Minute 0 is also second 0 of Prometheus' clock, because promtool begins there; what lies before has negative times.
 */

/** The value at a minute; `null` where nothing was scraped. */
export type Values = (minute: number) => number | null;

export interface Series {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly values: Values;
}

export type World = readonly Series[];

export const always =
  (value: number): Values =>
  () =>
    value;

/** Grows evenly; `before` is what it had reached at minute 0. */
export const counter =
  (perMinute: number, before = 0): Values =>
  (minute) =>
    before + perMinute * minute;

/** The time of the scrape itself, in seconds, or so many seconds before it. */
export const now =
  (secondsAgo = 0): Values =>
  (minute) =>
    minute * 60 - secondsAgo;

export const series = (metric: string, labels: Series['labels'], values: Values | number): Series => ({
  metric,
  labels,
  values: typeof values === 'number' ? always(values) : values,
});

/** Which series are meant: by name (or the beginning of it, with `*` at the end) and by labels that they must have. */
export interface Which {
  readonly metric: string;
  readonly labels?: Series['labels'];
}

export const matches =
  ({ metric, labels = {} }: Which) =>
  (one: Series): boolean =>
    (metric.endsWith('*') ? one.metric.startsWith(metric.slice(0, -1)) : one.metric === metric) &&
    Object.entries(labels).every(([name, value]) => one.labels[name] === value);

/** Each series meant gets other values. A change that meets nothing would prove nothing, so it is an error. */
export function change(world: World, which: Which, values: (old: Series) => Values | number): World {
  const meant = matches(which);
  if (!world.some(meant)) throw new Error(`world: expected series ${JSON.stringify(which)}, found none`);
  return world.map((one) => (meant(one) ? series(one.metric, one.labels, values(one)) : one));
}

/** Without the series meant, from the first minute on. */
export function without(world: World, which: Which): World {
  const meant = matches(which);
  if (!world.some(meant)) throw new Error(`world: expected series ${JSON.stringify(which)}, found none`);
  return world.filter((one) => !meant(one));
}

/** `before` until the minute, `after` from it on. */
export const turn =
  (minute: number, before: Values, after: Values | number): Values =>
  (at) =>
    at < minute ? before(at) : typeof after === 'number' ? after : after(at);

/** Not scraped from one minute to before another. */
export const gap =
  (from: number, to: number, values: Values): Values =>
  (minute) =>
    minute >= from && minute < to ? null : values(minute);

/** Later than anything is looked at. */
export const FOR_EVER = 10_000;

/** A value from one minute to before another, and no series outside of that. */
export const only =
  (from: number, to: number, value: number): Values =>
  (minute) =>
    minute >= from && minute < to ? value : null;

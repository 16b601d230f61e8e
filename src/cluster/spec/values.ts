/** The texts of a spec that carry their unit. Each is parsed into a type that cannot be wrong. */
/** A length of time with its unit, e.g. `'30s'`, `'20min'`, `'26h'`, `'7d'`. */
export type DurationText = `${number}${'s' | 'min' | 'h' | 'd'}`;

/** A time of day on a 24-hour clock, e.g. `'02:30'`. */
export type TimeOfDay = `${number}:${number}`;

export type Weekday = 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday';

/** An image with a tag that does not move, with a digest where one is known, e.g. `'docker.io/library/alpine:3.21'`. */
export type ImageText = `${string}${':' | '@'}${string}`;

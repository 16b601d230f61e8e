/**
 * Whether two daily times in one zone stay half an hour apart whatever its summer time does, without looking at the zone.
 *
 * A table of the zone's changes costs more than all other guardrails together, and most descriptions need none.
 */
export interface DailyTime {
  /** Minutes since midnight on the wall clock. */
  readonly start: number;
  /** 0 for a moment. */
  readonly length: number;
}

const DAY = 1_440;

/** The one zone whose summer time shifts by half an hour. */
const HALF_HOUR = 'Australia/Lord_Howe';

/**
 * Clocks shift by 60 minutes, in Antarctica by 120. A shift between two times brings them closer by its length, and in
 * the time that it repeats each of them comes twice. 30 and 90 minutes on the clock, and 150 and more, stay at least 30
 * minutes in all of these cases.
 */
const staysApart = (minutes: number): boolean => minutes === 30 || minutes === 90 || minutes >= 150;

/** False where only the zone's own changes can tell. */
export function apartInOneZone(timeZone: string, a: DailyTime, b: DailyTime): boolean {
  if (timeZone === HALF_HOUR) return false;
  const gaps = [gapAfter(a, b), gapAfter(b, a)];
  // How long a window is in which the clock shifts is one question more.
  return a.length + b.length > 0 ? gaps.every((gap) => gap >= 150) : gaps.every(staysApart);
}

/** From the end of one to the next start of the other; negative where the other starts within it. */
const gapAfter = (first: DailyTime, then: DailyTime): number => ((then.start - first.start + DAY) % DAY) - first.length;

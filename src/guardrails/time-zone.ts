/** When a wall clock's time is, over two whole years with their changes of daylight saving time. */

const MINUTE = 60_000;
const DAY = 1_440;

/**
 * Fixed, so that a check says the same every day: two years hold each kind of change on different dates, and every
 * weekday of every month.
 */
const FIRST = Date.UTC(2026, 0, 1);
const LAST = Date.UTC(2028, 0, 1);

/** All days of the two years, each as the minutes since the epoch of its midnight in UTC. */
export const DAYS: readonly number[] = Array.from(
  { length: Math.round((LAST - FIRST) / MINUTE / DAY) },
  (_, index) => FIRST / MINUTE + index * DAY,
);

export class WallClock {
  readonly #changes: readonly { readonly from: number; readonly offset: number }[];

  /** `timeZone` is an IANA name. */
  constructor(timeZone: string) {
    this.#changes = changesOf(timeZone);
  }

  /**
   * The instants, in minutes since the epoch, at which the clock shows a local time: none in the hour that daylight
   * saving skips, two in the hour that it repeats.
   */
  instantsOf(localMinutes: number): readonly number[] {
    return [...new Set(this.#changes.map(({ offset }) => offset))]
      .map((offset) => localMinutes - offset)
      .filter((instant) => instant + this.#offsetAt(instant) === localMinutes);
  }

  #offsetAt(instant: number): number {
    return this.#changes.findLast(({ from }) => from <= instant)?.offset ?? this.#changes[0]?.offset ?? 0;
  }
}

/** Clocks are changed at a quarter of an hour somewhere, never in between. */
const QUARTER = 15;

/** The shortest time between two changes is Ramadan's pause of daylight saving, which takes five weeks. */
const LOOK_EVERY = 28 * DAY;

function changesOf(timeZone: string): { from: number; offset: number }[] {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  const offsetAt = (instant: number): number => {
    const match = /GMT([+-])(\d{2}):(\d{2})$/.exec(format.format(instant * MINUTE));
    return match ? (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) : 0;
  };
  const first = FIRST / MINUTE - 2 * DAY;
  const changes = [{ from: first, offset: offsetAt(first) }];
  let early = offsetAt(first);
  for (let low = first; low < LAST / MINUTE + 2 * DAY; low += LOOK_EVERY) {
    const high = low + LOOK_EVERY;
    const late = offsetAt(high);
    if (early !== late) {
      let [before, after] = [low, high];
      while (after - before > QUARTER) {
        const middle = before + Math.floor((after - before) / QUARTER / 2) * QUARTER;
        if (offsetAt(middle) === early) before = middle;
        else after = middle;
      }
      changes.push({ from: after, offset: late });
    }
    early = late;
  }
  return changes;
}

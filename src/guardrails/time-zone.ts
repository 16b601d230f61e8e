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

function changesOf(timeZone: string): { from: number; offset: number }[] {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  const offsetAt = (instant: number): number => {
    const name = format.formatToParts(instant * MINUTE).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const match = /^GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name);
    return (match?.[1] === '-' ? -1 : 1) * (Number(match?.[2] ?? 0) * 60 + Number(match?.[3] ?? 0));
  };
  const first = FIRST / MINUTE - 2 * DAY;
  const changes = [{ from: first, offset: offsetAt(first) }];
  // A fortnight between two looks: no zone changes twice in less, but Ramadan's interruptions, which are longer.
  let known = offsetAt(first);
  for (let low = first; low < LAST / MINUTE + 2 * DAY; low += 14 * DAY) {
    const high = low + 14 * DAY;
    const [early, late] = [known, offsetAt(high)];
    known = late;
    if (early === late) continue;
    let [before, after] = [low, high];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (offsetAt(middle) === early) before = middle;
      else after = middle;
    }
    changes.push({ from: after, offset: late });
  }
  return changes;
}

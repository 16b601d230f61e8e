/**
 * Finds out how many jiffies a second of the log's kernel has.
 *
 * A first report comes right at the kernel's time-out, so its jiffies give the rate away; the line of the jiffies clock
 * source at boot says it outright.
 */

import type { Stall } from './detector-output.js';

/** The longest idle time of the jiffies clock source in ns, which is 2^32 jiffies less a margin, by rate. */
const CLOCK_SOURCE = /clocksource: jiffies: .*max_idle_ns: (\d+) ns/;
const IDLE_NANOSECONDS_AT_1_HZ = 1.911260446275e18;
const RATES = [100, 250, 300, 1_000];

/** Time-outs in seconds: of expedited grace periods on Android and Ubuntu's Pi kernel; the default; Ubuntu's. */
const TIMEOUTS = [0.02, 21, 60];

export const rateFromClockSource = (text: string): number | undefined => {
  const idle = CLOCK_SOURCE.exec(text)?.[1];
  if (idle === undefined) return undefined;
  return RATES.find((rate) => Math.abs((Number(idle) * rate) / IDLE_NANOSECONDS_AT_1_HZ - 1) < 0.01);
};

/** From the shortest stalls that were reported; undefined where they fit no known time-out. */
export function rateFromStalls(jiffies: readonly number[]): number | undefined {
  const shortest = jiffies.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  if (!Number.isFinite(shortest)) return undefined;
  return RATES.flatMap((rate) => TIMEOUTS.map((timeout) => ({ rate, over: shortest / (rate * timeout) })))
    .filter(({ over }) => over >= 1 && over < 1.25)
    .sort((a, b) => a.over - b.over)[0]?.rate;
}

/** From a stall that was reported again later, where the stamps are fine enough. */
export function rateFromRepeats(stalls: readonly Stall[]): number | undefined {
  const first = new Map<string, Stall>();
  for (const stall of stalls) {
    const key = `${stall.boot} ${stall.key}`;
    const before = first.get(key);
    if (before === undefined) first.set(key, stall);
    else if (stall.at - before.at >= 10) {
      const measured = (stall.jiffies - before.jiffies) / (stall.at - before.at);
      const rate = RATES.find((known) => Math.abs(measured / known - 1) < 0.1);
      if (rate !== undefined) return rate;
    }
  }
  return undefined;
}

/** The longest stall in seconds; undefined where there were stalls and none can be told in seconds. */
export function longestStall(stalls: readonly Stall[], reports: number, hz: number | undefined): number | undefined {
  if (reports === 0) return 0;
  const first = new Map<string, number>();
  let longest: number | undefined;
  for (const { boot, key, at, jiffies } of stalls) {
    const from = first.get(`${boot} ${key}`) ?? at;
    first.set(`${boot} ${key}`, from);
    const seconds = hz === undefined ? at - from : jiffies / hz;
    if (hz !== undefined || seconds > 0) longest = Math.max(longest ?? 0, seconds);
  }
  return longest === undefined ? undefined : Math.round(longest * 1_000) / 1_000;
}

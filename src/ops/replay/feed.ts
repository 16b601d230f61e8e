/**
 * What a policy's detector reads: the records, and between them the moments at which it may decide.
 *
 * Nothing comes after the last line of a boot: whether the node lived on is not known.
 */
import type { TimedLine, TimedRecord } from './clock.js';
import type { Policy } from './policies.js';

/** The service's tick, as long as there was something to see; the budget, which is left then, has more time. */
const TICK_SECONDS = 20;
const BUSY_SECONDS = 60;

/** Text that comes into a detector at most this long: the kernel's own records are shorter. */
const LONGEST_TEXT = 2_000;

interface Feed {
  /** The input lines for the next line of the log, each with its line feed. */
  readonly feed: (line: TimedLine) => string;
  readonly end: () => string;
}

export function createFeed(policy: Policy): Feed {
  const first = policy.checks?.firstSeconds ?? 0;
  const every = policy.checks?.everySeconds ?? BUSY_SECONDS;
  const word = policy.checks === undefined ? '!now' : '!check';
  const windows = [policy.burst, policy.sustained, policy.chronic].map((window) => window?.seconds ?? 0);
  /** After so long a silence nothing can change any more. */
  const horizon = Math.max(...windows, policy.budget?.healthySeconds ?? 0, policy.stuckSeconds ?? 0) + every;
  const state = { open: false, sequence: 0, offset: undefined as number | undefined, seconds: 0, next: first };

  function ticksBefore(seconds: number): string {
    const silent = state.seconds + horizon;
    const busy = policy.checks === undefined ? state.seconds + BUSY_SECONDS : 0;
    let ticks = '';
    for (; state.next < seconds; state.next += state.next < busy ? TICK_SECONDS : every) {
      if (state.next > silent) state.next += (Math.ceil((seconds - state.next) / every) - 1) * every;
      ticks += `${word} ${state.next}\n`;
    }
    state.seconds = seconds;
    return ticks;
  }

  /** A header whose number was cut off counts on its own after two seconds. */
  const closeBoot = (): string => (state.open ? `!now ${(state.seconds + 3).toFixed(3)}\n` : '');

  function feed(line: TimedLine): string {
    if (line.kind === 'boot') {
      const close = closeBoot();
      Object.assign(state, { open: true, sequence: 0, offset: undefined, seconds: 0, next: first });
      return `${close}!boot ${line.number}\n!now 0\n`;
    }
    const ticks = ticksBefore(line.seconds);
    return `${ticks}${asKmsg(line, sequenceOf(line))}\n`;
  }

  /** The kernel's own numbers keep their gaps; a line without one comes between them. */
  function sequenceOf({ sequence }: TimedRecord): number {
    if (sequence === undefined) {
      state.sequence += 1;
      if (state.offset !== undefined) state.offset += 1;
      return state.sequence;
    }
    state.offset ??= state.sequence + 1 - sequence;
    const shifted = sequence + state.offset;
    state.sequence = Math.max(state.sequence, shifted);
    return shifted;
  }

  return { feed, end: closeBoot };
}

function asKmsg({ text, seconds, priority }: TimedRecord, sequence: number): string {
  return `${priority},${sequence},${Math.round(seconds * 1e6)},-;${text.slice(0, LONGEST_TEXT)}`;
}

/** What is sent again to an API server, by whoever asks it or writes to it: how often while it is busy, and after which pause. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pauseAskedFor } from './broken-answer.js';
import type { Reply } from './sender.js';

/** Answers that ask to wait; the last one of them is the answer. */
export const BUSY_AT_MOST = 4;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

interface Tried {
  /** From 1. */
  readonly attempt: number;

  /** What it came to; undefined: no answer. */
  readonly reply: Reply | undefined;
  readonly signal: AbortSignal;

  /** For all attempts together. */
  readonly timeoutMs: number;
}

/** Whether there is time for another attempt, at its time. */
export async function pause({ attempt, reply, signal, timeoutMs }: Tried): Promise<boolean> {
  const own = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
  const ms = Math.max(own, reply === undefined ? 0 : pauseAskedFor(reply));
  if (ms >= timeoutMs) return false;
  try {
    await sleep(ms, undefined, { signal });
    return true;
  } catch {
    // Only the signal ends the sleep: what was heard last says more than that the time is up.
    return false;
  }
}

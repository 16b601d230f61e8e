/**
 * Carries what changes something to an API server, and never twice.
 *
 * It is repeated only while nothing can have been done: there was no connection yet, or the server said that it is busy
 * (429, 503) before it looked. What may have arrived and got no answer is lost: only a look at the object tells.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure } from '../manifest/live-object.js';
import { asksToWait, explain, isPassing, pauseAskedFor } from './broken-answer.js';
import type { Delivery, Reply, Sender } from './sender.js';

export interface Write {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** @default JSON */
  readonly type?: string;
  readonly body: string;
}

/** No reply. `lost`: it was sent; all others: it was not. */
export interface Unwritten {
  readonly kind: Extract<Failure['kind'], 'unreachable' | 'timed-out' | 'unauthorized' | 'server'> | 'lost';
  readonly why: string;
}

export interface Writer {
  /** @param isAnswer the reply counts although it asks to wait, as that of an eviction that a budget holds up */
  readonly write: (write: Write, isAnswer?: (reply: Reply) => boolean) => Promise<Reply | Unwritten>;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
const BUSY_AT_MOST = 4;

export function createWriter(sender: Sender, timeoutMs: number): Writer {
  async function write(
    { method, path, type = 'application/json', body }: Write,
    isAnswer: (reply: Reply) => boolean = () => false,
  ): Promise<Reply | Unwritten> {
    const question = { method, path, headers: { Accept: 'application/json', 'Content-Type': type }, body };
    const signal = AbortSignal.timeout(timeoutMs);
    let busy = 0;
    for (let attempt = 1; ; attempt++) {
      let pause = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
      let result: Reply | Unwritten;
      const delivery: Delivery = { mayHaveArrived: false };
      try {
        result = await sender.send(question, signal, delivery);
        if (isAnswer(result) || !asksToWait(result) || ++busy === BUSY_AT_MOST) return result;
        pause = Math.max(pause, pauseAskedFor(result));
      } catch (error) {
        const { kind, why } = explain(error, signal, timeoutMs);
        if (delivery.mayHaveArrived) return { kind: 'lost', why: `sent, and what became of it is not known: ${why}` };
        result = { kind, why: `not sent: ${why}` };
        if (!isPassing(error)) return result;
      }
      if (pause >= timeoutMs) return result;
      try {
        await sleep(pause, undefined, { signal });
      } catch {
        // Only the signal ends the sleep: what was heard last says more than that the time is up.
        return result;
      }
    }
  }

  return { write };
}

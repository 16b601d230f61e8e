/**
 * Carries what changes something to an API server, and never twice.
 *
 * It is repeated only while nothing can have been done: there was no connection yet, or the server said that it is busy
 * (429, 503) before it looked. What may have arrived and got no answer is lost: only a look at the object tells.
 */
import type { Failure } from '../manifest/live-object.js';
import { asksToWait, explain, isPassing } from './broken-answer.js';
import { BUSY_AT_MOST, pause } from './pauses.js';
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

export function createWriter(sender: Sender, timeoutMs: number): Writer {
  async function write(
    { method, path, type = 'application/json', body }: Write,
    isAnswer: (reply: Reply) => boolean = () => false,
  ): Promise<Reply | Unwritten> {
    const question = { method, path, headers: { Accept: 'application/json', 'Content-Type': type }, body };
    const signal = AbortSignal.timeout(timeoutMs);
    let busy = 0;
    for (let attempt = 1; ; attempt++) {
      let result: Reply | Unwritten;
      let reply: Reply | undefined;
      const delivery: Delivery = { mayHaveArrived: false };
      try {
        reply = await sender.send(question, signal, delivery);
        if (isAnswer(reply) || !asksToWait(reply) || ++busy === BUSY_AT_MOST) return reply;
        result = reply;
      } catch (error) {
        const { kind, why } = explain(error, signal, timeoutMs);
        if (delivery.mayHaveArrived) return { kind: 'lost', why: `sent, and what became of it is not known: ${why}` };
        result = { kind, why: `not sent: ${why}` };
        if (!isPassing(error)) return result;
      }
      if (!(await pause({ attempt, reply, signal, timeoutMs }))) return result;
    }
  }

  return { write };
}

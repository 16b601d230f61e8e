/**
 * Carries questions to an API server: GET, and PATCH as a dry run. There is no way here to send anything else.
 *
 * Both are safe to repeat, and are repeated where that may help: the server asked for time (429, 503), or it was
 * there a moment ago. A server that never answered is asked twice; after that nobody waits for it again, unless
 * whoever asks is patient.
 */
import { asksToWait, CUT, CutAnswer, explain, isPassing, type Unanswered } from './broken-answer.js';
import { BUSY_AT_MOST, pause } from './pauses.js';
import { createQueue } from './queue.js';
import type { Question, Reply, Sender } from './sender.js';
import { timeLimit } from './time-limit.js';

export interface Transport {
  readonly get: (path: string, accept?: string) => Promise<Reply | Unanswered>;
  /** `query` without dryRun, which is added here. */
  readonly dryRunPatch: (path: string, query: string, body: string) => Promise<Reply | Unanswered>;
}

export interface Patience {
  /** The longest that one question may take, its repetitions included. */
  readonly timeoutMs: number;

  /** Each question is asked anew, whatever became of the others: for a run that outlives the API server's restarts. */
  readonly patient: boolean;
}

/** More only queue in the server, which computes the answers, and each asks for a handshake. */
const AT_ONCE = 4;

const CUT_AT_MOST = 3;
const UNANSWERED_AT_MOST = 2;

type Reading = Question & { readonly method: 'GET' | 'PATCH' };

export function createTransport(sender: Sender, { timeoutMs, patient }: Patience): Transport {
  const queue = createQueue(AT_ONCE);
  let answers = 0;
  let givenUp: Unanswered | undefined;
  /** Ends what is still being asked when the server is given up. */
  const end = new AbortController();
  /** Of a patient client: what became of the last whole question during which nothing was answered, and how many there were. */
  let silence: Unanswered | undefined;
  let silences = 0;

  /** In its turn, behind those that were asked before. */
  async function inTurn(question: Reading): Promise<Reply | Unanswered> {
    const before = silences;
    return queue(async () => {
      // It waited while others got no answer: its own time on top of theirs, and then that of the next, helps nobody.
      if (silences !== before && silence !== undefined) return silence;
      return ask(question);
    });
  }

  async function ask(question: Reading): Promise<Reply | Unanswered> {
    if (givenUp !== undefined) return notAskedAgain(givenUp);
    const before = answers;
    const limit = timeLimit(timeoutMs, end.signal);
    const result = await persist(question, limit.signal).finally(limit.end);
    if (!('why' in result)) return result;
    if (patient) {
      if (answers === before) [silence, silences] = [result, silences + 1];
      return result;
    }
    // Read anew: another question may have given the server up meanwhile.
    if (end.signal.aborted) return notAskedAgain(givenUp ?? result);
    // One question without an answer does not condemn a server that answered others meanwhile.
    if (answers === before) {
      givenUp ??= result;
      // Half an answer may be the fault of what was asked for: what is under way may still be answered.
      if (result.why !== CUT) end.abort();
    }
    return result;
  }

  async function persist(question: Reading, signal: AbortSignal): Promise<Reply | Unanswered> {
    let result: Reply | Unanswered;
    // Each counted by itself: a server that starts first refuses connections, then says that it is not ready.
    let [busy, cut] = [0, 0];
    for (let attempt = 1; ; attempt++) {
      let reply: Reply | undefined;
      try {
        reply = await sender.send(question, signal);
        answers += 1;
        if (!asksToWait(reply) || ++busy === BUSY_AT_MOST) return reply;
        result = reply;
      } catch (error) {
        result = explain(error, signal, timeoutMs);
        if (!isPassing(error) || (attempt === UNANSWERED_AT_MOST && answers === 0)) return result;
        if (error instanceof CutAnswer && ++cut === CUT_AT_MOST) return result;
      }
      if (!(await pause({ attempt, reply, signal, timeoutMs }))) return result;
    }
  }

  return {
    get: (path, accept = 'application/json') => inTurn({ method: 'GET', path, headers: { Accept: accept } }),
    dryRunPatch: (path, query, body) =>
      inTurn({
        method: 'PATCH',
        path: `${path}?dryRun=All&${query}`,
        headers: { Accept: 'application/json', 'Content-Type': 'application/apply-patch+yaml' },
        body,
      }),
  };
}

const notAskedAgain = (known: Unanswered): Unanswered => ({ ...known, why: `${known.why} (not asked again)` });

/**
 * Carries questions to an API server: GET, and PATCH as a dry run. There is no way to send anything else.
 *
 * Both are safe to repeat, and are repeated where that may help: the server asked for time (429, 503), or it was
 * there a moment ago. A server that never answered is asked twice; after that nobody waits for it again.
 */
import type { IncomingMessage } from 'node:http';
import { request as requestPlain } from 'node:http';
import { type RequestOptions, request as requestTls } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Failure } from '../manifest/live-object.js';
import type { Access, Connection } from './access.js';
import { CredentialsError } from './credentials-error.js';
import { createQueue } from './queue.js';

export interface Reply {
  readonly status: number;
  readonly statusText: string;
  readonly header: (name: string) => string | undefined;
  readonly warnings: readonly string[];
  readonly body: string;
}

/** No answer: of the kinds of failure, those of the connection. */
export interface Unanswered {
  readonly kind: Extract<Failure['kind'], 'unreachable' | 'timed-out' | 'unauthorized' | 'server'>;
  readonly why: string;
}

export interface Transport {
  readonly get: (path: string, accept?: string) => Promise<Reply | Unanswered>;
  /** `query` without dryRun, which is added here. */
  readonly dryRunPatch: (path: string, query: string, body: string) => Promise<Reply | Unanswered>;
  readonly close: () => void;
}

/** More only queue in the server, which computes the answers, and each asks for a handshake. */
const AT_ONCE = 4;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
const BUSY_AT_MOST = 4;
const CUT_AT_MOST = 3;
const UNANSWERED_AT_MOST = 2;

interface Question {
  readonly method: 'GET' | 'PATCH';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export function createTransport(access: Access, timeoutMs: number): Transport {
  const queue = createQueue(AT_ONCE);
  const base = new URL(access.server);
  let answers = 0;
  let givenUp: Unanswered | undefined;
  /** Ends what is still being asked when the server is given up. */
  const end = new AbortController();
  let connection: Promise<Connection> | undefined;
  const renewed = new Set<Promise<Connection>>();

  async function ask(question: Question): Promise<Reply | Unanswered> {
    if (givenUp !== undefined) return notAskedAgain(givenUp);
    const before = answers;
    const result = await persist(question, AbortSignal.any([AbortSignal.timeout(timeoutMs), end.signal]));
    if (!('why' in result)) return result;
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

  async function persist(question: Question, signal: AbortSignal): Promise<Reply | Unanswered> {
    let result: Reply | Unanswered;
    // Each counted by itself: a server that starts first refuses connections, then says that it is not ready.
    let [busy, cut] = [0, 0];
    for (let attempt = 1; ; attempt++) {
      let pause = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
      try {
        result = await sendAsOurselves(question, signal);
        answers += 1;
        if (!asksToWait(result) || ++busy === BUSY_AT_MOST) return result;
        pause = Math.max(pause, secondsOf(result.header('retry-after')) * 1_000);
      } catch (error) {
        result = explain(error, signal, timeoutMs);
        if (!isPassing(error) || (attempt === UNANSWERED_AT_MOST && answers === 0)) return result;
        if (error instanceof CutAnswer && ++cut === CUT_AT_MOST) return result;
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

  /** A token may end during a run: on 401 the credentials are asked for once more. */
  async function sendAsOurselves(question: Question, signal: AbortSignal): Promise<Reply> {
    connection ??= access.open();
    const used = connection;
    const reply = await send(question, await within(signal, used), signal);
    if (reply.status !== 401 || renewed.has(used)) return reply;
    if (connection === used) {
      connection = access.open();
      renewed.add(connection);
    }
    return send(question, await within(signal, connection), signal);
  }

  async function send(question: Question, through: Connection, signal: AbortSignal): Promise<Reply> {
    const { method, path, headers, body } = question;
    const options: RequestOptions = {
      agent: through.agent,
      host: base.hostname.replace(/^\[|\]$/g, ''),
      port: base.port === '' ? (base.protocol === 'http:' ? 80 : 443) : base.port,
      path: `${base.pathname.replace(/\/$/, '')}${path}`,
      method,
      signal,
    };
    options.headers = {
      ...through.headers,
      ...headers,
      'User-Agent': 'selfheal',
      'Accept-Encoding': 'gzip',
      ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
    };
    return new Promise((resolve, reject) => {
      const request = (base.protocol === 'http:' ? requestPlain : requestTls)(options, (response) =>
        readReply(response).then(resolve, reject),
      );
      request.on('error', reject);
      request.end(body);
    });
  }

  return {
    get: (path, accept = 'application/json') => queue(() => ask({ method: 'GET', path, headers: { Accept: accept } })),
    dryRunPatch: (path, query, body) =>
      queue(() =>
        ask({
          method: 'PATCH',
          path: `${path}?dryRun=All&${query}`,
          headers: { Accept: 'application/json', 'Content-Type': 'application/apply-patch+yaml' },
          body,
        }),
      ),
    close: () => {
      connection?.then(
        ({ agent }) => typeof agent === 'object' && agent.destroy(),
        () => undefined, // Whoever asked was told that there are no credentials.
      );
    },
  };
}

async function readReply(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk);
  } catch (cause) {
    throw new CutAnswer(CUT, { cause });
  }
  // A connection that ends early can leave a body that looks whole.
  if (!response.complete) throw new CutAnswer(CUT);
  const bytes = Buffer.concat(chunks);
  const body = response.headers['content-encoding'] === 'gzip' ? await promisify(gunzip)(bytes) : bytes;
  return {
    status: response.statusCode ?? 0,
    statusText: response.statusMessage ?? '',
    header: (name) => {
      const value = response.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    warnings: warningsIn(response.rawHeaders),
    body: body.toString('utf8'),
  };
}

/** `Warning: 299 - "text"`, a header each. */
function warningsIn(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.flatMap((value, index) => {
    if (index % 2 === 0 || rawHeaders[index - 1]?.toLowerCase() !== 'warning') return [];
    const text = /^\d{3} \S+ "((?:[^"\\]|\\.)*)"/.exec(value)?.[1];
    return text === undefined ? [] : [text.replaceAll(/\\(.)/g, '$1')];
  });
}

const notAskedAgain = (known: Unanswered): Unanswered => ({ ...known, why: `${known.why} (not asked again)` });

/** Too busy, or not quite there: an API server that has just started names a time with its 503. */
const asksToWait = ({ status, header }: Reply): boolean =>
  status === 429 || (status === 503 && header('retry-after') !== undefined);

const secondsOf = (header: string | undefined): number => (/^\d{1,4}$/.test(header ?? '') ? Number(header) : 0);

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** What may be over when it is asked again; not a name that does not resolve, nor a certificate that is not trusted. */
const isPassing = (error: unknown): boolean =>
  error instanceof CutAnswer ||
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH)$/.test(codeOf(error) ?? '');

function explain(error: unknown, signal: AbortSignal, timeoutMs: number): Unanswered {
  if (signal.aborted) return { kind: 'timed-out', why: `no answer within ${timeoutMs / 1_000} s` };
  if (error instanceof CredentialsError) return { kind: 'unauthorized', why: error.message };
  const code = codeOf(error) ?? '';
  const text = error instanceof Error && error.message !== '' ? error.message : 'the connection broke';
  // Node's HTTP parser and zlib: somebody answered, and not as HTTP.
  const kind = /^(HPE|Z)_/.test(code) ? 'server' : 'unreachable';
  return { kind, why: text.includes(code) ? text : `${text} (${code})` };
}

/** Waits for what cannot be stopped, but no longer than the signal. */
const within = async <T>(signal: AbortSignal, promise: Promise<T>): Promise<T> => {
  const timeUp = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([promise, timeUp]);
};

const CUT = 'the connection broke in the middle of the answer';

class CutAnswer extends Error {
  override readonly name = 'CutAnswer';
}

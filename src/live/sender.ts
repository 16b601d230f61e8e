/**
 * Sends one request to an API server as ourselves, once, and reads the whole reply.
 *
 * It takes any method: only the two files that decide what may be sent import it (`transport.ts`, `writer.ts`).
 */
import type { IncomingMessage } from 'node:http';
import { request as requestPlain } from 'node:http';
import { type RequestOptions, request as requestTls } from 'node:https';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Access, Connection } from './access.js';
import { CUT, CutAnswer } from './broken-answer.js';

export interface Reply {
  readonly status: number;
  readonly statusText: string;
  readonly header: (name: string) => string | undefined;
  readonly warnings: readonly string[];
  readonly body: string;
}

export interface Question {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** For whoever must not send a question twice. */
export interface Delivery {
  /** The question may have left, and no answer says that nothing came of it. */
  mayHaveArrived: boolean;
}

export interface Sender {
  readonly send: (question: Question, signal: AbortSignal, delivery?: Delivery) => Promise<Reply>;
  readonly close: () => void;
}

export function createSender(access: Access): Sender {
  const base = new URL(access.server);
  let connection: Promise<Connection> | undefined;
  /** Made anew because of a 401, and not one question accepted since. */
  const renewed = new Set<Promise<Connection>>();

  /** A token may end during a run: on 401, which means that nothing was done, the credentials are asked for once more. */
  async function sendAsOurselves(question: Question, signal: AbortSignal, delivery?: Delivery): Promise<Reply> {
    connection ??= open();
    const used = connection;
    const reply = await send(question, await within(signal, used), signal, delivery);
    if (reply.status !== 401) renewed.delete(used);
    if (reply.status !== 401 || renewed.has(used)) return reply;
    if (delivery) delivery.mayHaveArrived = false;
    if (connection === used) {
      connection = open();
      renewed.add(connection);
    }
    return send(question, await within(signal, connection), signal, delivery);
  }

  function open(): Promise<Connection> {
    const opened = access.open();
    // Credentials that could not be had now may be had later; whoever waits for these is told.
    opened.catch(() => {
      if (connection === opened) connection = undefined;
    });
    return opened;
  }

  async function send(
    { method, path, headers, body }: Question,
    through: Connection,
    signal: AbortSignal,
    delivery?: Delivery,
  ): Promise<Reply> {
    const options: RequestOptions = {
      agent: through.agent,
      host: base.hostname.replace(/^\[|\]$/g, ''),
      port: base.port === '' ? (base.protocol === 'http:' ? 80 : 443) : base.port,
      path: `${base.pathname.replace(/\/$/, '')}${path}`,
      method,
      signal,
    };
    options.headers = {
      ...through.headers(),
      ...headers,
      'User-Agent': 'selfheal',
      'Accept-Encoding': 'gzip',
      ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
    };
    return new Promise((resolve, reject) => {
      const secure = base.protocol !== 'http:';
      const request = (secure ? requestTls : requestPlain)(options, (response) =>
        readReply(response).then(resolve, reject),
      );
      const left = (): void => {
        if (delivery) delivery.mayHaveArrived = true;
      };
      request.on('socket', (socket) => {
        // Until there is a connection, and over TLS until it is known whose, not a byte of a question leaves.
        if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', left);
        else left();
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  return {
    send: sendAsOurselves,
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

/** Waits for what cannot be stopped, but no longer than the signal. */
async function within<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  let stop = (): void => undefined;
  const timeUp = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([promise, timeUp]);
  } finally {
    // One signal is for all attempts of a question.
    signal.removeEventListener('abort', stop);
  }
}

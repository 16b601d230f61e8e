/** Why there is no answer, or none yet: what may be over when the server is asked again, and what to call it. */
import type { Failure } from '../manifest/live-object.js';
import { CredentialsError } from './credentials-error.js';
import type { Reply } from './sender.js';

/** No answer: of the kinds of failure, those of the connection. */
export interface Unanswered {
  readonly kind: Extract<Failure['kind'], 'unreachable' | 'timed-out' | 'unauthorized' | 'server'>;
  readonly why: string;
}

/** Too busy, or not quite there: an API server that has just started names a time with its 503. Nothing was done. */
export const asksToWait = ({ status, header }: Reply): boolean =>
  status === 429 || (status === 503 && header('retry-after') !== undefined);

/** Which pause a reply asks for, in milliseconds; 0 where it names none. */
export const pauseAskedFor = ({ header }: Reply): number => {
  const seconds = header('retry-after') ?? '';
  return /^\d{1,4}$/.test(seconds) ? Number(seconds) * 1_000 : 0;
};

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** What may be over when it is asked again; not a name that does not resolve, nor a certificate that is not trusted. */
export const isPassing = (error: unknown): boolean =>
  error instanceof CutAnswer ||
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH)$/.test(codeOf(error) ?? '');

export function explain(error: unknown, signal: AbortSignal, timeoutMs: number): Unanswered {
  if (signal.aborted) return { kind: 'timed-out', why: `no answer within ${timeoutMs / 1_000} s` };
  if (error instanceof CredentialsError) return { kind: 'unauthorized', why: error.message };
  const code = codeOf(error) ?? '';
  const text = error instanceof Error && error.message !== '' ? error.message : 'the connection broke';
  // Node's HTTP parser and zlib: somebody answered, and not as HTTP.
  const kind = /^(HPE|Z)_/.test(code) ? 'server' : 'unreachable';
  return { kind, why: text.includes(code) ? text : `${text} (${code})` };
}

export const CUT = 'the connection broke in the middle of the answer';

export class CutAnswer extends Error {
  override readonly name = 'CutAnswer';
}

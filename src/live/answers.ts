/** Makes of an API server's reply what was found, that there is nothing, or why it cannot be told. */
import { isPlainObject } from '../cluster/parse/issue.js';
import type { Answer, Failure } from '../manifest/live-object.js';
import type { Unanswered } from './broken-answer.js';
import type { Reply } from './sender.js';

/** What a question is called in a message, and whether the server's words about it may be shown. */
export interface Asked {
  /** `get Deployment kube-system/coredns`. */
  readonly what: string;
  /** The server quotes the values that it refuses: those of a Secret are not shown. */
  readonly secret: boolean;
}

/** The Kubernetes `Status` of a reply that is none of the objects that were asked for. */
interface Status {
  readonly reason: string;
  readonly message: string;
  /** `details.name` and `details.kind`: what the server did not find. */
  readonly name: string | undefined;
  readonly kind: string | undefined;
  readonly causes: readonly Cause[];
}

interface Cause {
  /** E.g. `DisruptionBudget`. */
  readonly reason: string;
  readonly message: string;
}

const LONGEST_MESSAGE = 600;

const UNREADABLE = /^failed to create typed patch object|cannot be handled as/;

/** The reply's JSON, or the failure that it is. */
export function readAnswer(asked: Asked, reply: Reply | Unanswered): Answer<Readonly<Record<string, unknown>>> {
  if ('why' in reply) return failed(reply.kind, `${asked.what}: ${reply.why}`);
  if (reply.status !== 200 && reply.status !== 201) return failed(...describeRefusal(asked, reply));
  const body = parseJson(reply.body);
  if (body !== undefined) return { ok: true, value: body };
  return failed('server', `${asked.what}: expected JSON, got ${reply.body.length} characters of something else`);
}

/** The reply's own words, or the failure that it is; a page of somebody else is none of its words. */
export function readText(asked: Asked, reply: Reply | Unanswered, type: string): Answer<string> {
  if ('why' in reply) return failed(reply.kind, `${asked.what}: ${reply.why}`);
  if (reply.status !== 200) return failed(...describeRefusal(asked, reply));
  const found = reply.header('content-type') ?? '';
  if (found.split(';')[0] === type) return { ok: true, value: reply.body };
  return failed('server', `${asked.what}: expected ${type}, got ${found === '' ? 'no type' : found}`);
}

export const failed = <T>(kind: Failure['kind'], message: string): Answer<T> => ({
  ok: false,
  failure: { kind, message: oneLine(message) },
});

/** The server says that it has no object of this name; not that it has no such kind, and not that a proxy has no page. */
export function saysThereIsNone(reply: Reply | Unanswered, plural: string, name: string): boolean {
  if ('why' in reply || reply.status !== 404) return false;
  const status = readStatus(reply);
  return status?.reason === 'NotFound' && status.name === name && status.kind === plural;
}

/** The list's place is no longer known (410): it has to be asked for from its start. */
export const hasExpired = (reply: Reply | Unanswered): boolean => 'status' in reply && reply.status === 410;

function describeRefusal({ what, secret }: Asked, reply: Reply): [Failure['kind'], string] {
  const status = readStatus(reply);
  const quotes = secret && !saysWhoMayNot(status);
  const said = quotes ? 'what it said is not shown: it may quote the Secret' : status?.message;
  const text = `${what}: ${reply.status} ${status?.reason || reply.statusText}${said === undefined ? '' : `: ${said}`}`;
  return [kindOf(reply.status, status), text];
}

function kindOf(code: number, status: Status | undefined): Failure['kind'] {
  if (code === 401) return 'unauthorized';
  // Admission says no with the same number as RBAC; only RBAC names a verb that "cannot" be used.
  if (code === 403) return status === undefined || saysWhoMayNot(status) ? 'forbidden' : 'refused';
  // Without an object in it, it is the kind that is not there; without a Status, it is no API server that speaks.
  if (code === 404) return status === undefined ? 'server' : status.name === undefined ? 'unknown-kind' : 'refused';
  if (code === 409) return 'conflict';
  // What its schema does not have is the object's fault, although the server counts it among its own.
  if (code === 500 && UNREADABLE.test(status?.message ?? '')) return 'refused';
  return code >= 400 && code < 500 && code !== 429 ? 'refused' : 'server';
}

const saysWhoMayNot = (status: Status | undefined): boolean =>
  /\bcannot \S+ (resource|path)\b/.test(status?.message ?? '');

export function readStatus({ body }: Reply): Status | undefined {
  const read = parseJson(body);
  if (read?.kind !== 'Status') return undefined;
  const details = isPlainObject(read.details) ? read.details : {};
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return {
    reason: text(read.reason) ?? '',
    message: text(read.message) ?? '',
    name: text(details.name),
    kind: text(details.kind),
    causes: (Array.isArray(details.causes) ? details.causes.filter(isPlainObject) : []).map((cause) => ({
      reason: text(cause.reason) ?? '',
      message: text(cause.message) ?? '',
    })),
  };
}

function parseJson(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return isPlainObject(read) ? read : undefined;
  } catch {
    // JSON's message quotes the text, which is not ours to show; that it is no JSON is all that counts.
    return undefined;
  }
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE)}…` : line;
}

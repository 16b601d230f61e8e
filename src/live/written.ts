/** What an API server's reply says of a write: done, refused, overtaken by somebody, or that it cannot be told. */
import type { Failure, LiveObject, ObjectRef } from '../manifest/live-object.js';
import { type Asked, failed, readAnswer, readStatus, saysThereIsNone } from './answers.js';
import { asksToWait } from './broken-answer.js';
import type { Written } from './kube-actions.js';
import { readObject } from './objects.js';
import type { Reply } from './sender.js';
import type { Unwritten } from './writer.js';

/** What is written, and where. */
export interface Writing extends Asked {
  readonly ref: ObjectRef;
  readonly plural: string;
  readonly path: string;
}

/** Said before anything was written, although with the number of what goes wrong inside the server. */
const BEFORE_WRITING = /failed calling webhook|^failed to create typed patch object|cannot be handled as/;

/** In the words of the storage, and in those of the registry before it. */
const NOT_THIS_ONE = /\bUID in (the )?precondition\b/;

export function readWritten(writing: Writing, reply: Reply | Unwritten): Written<LiveObject> {
  if ('why' in reply) return unanswered(writing, reply);
  if (leavesOpen(reply)) return lostIn(writing, reply);
  if (saysThereIsNone(reply, writing.plural, writing.ref.name))
    return failed('conflict', `${writing.what}: it is gone`);
  const written = readObject(writing.what, writing.ref, reply);
  // It says that it did it, in words that nobody can read.
  return written.ok || !isDone(reply) ? written : lost(written.failure.message);
}

export function readCreated(writing: Writing, reply: Reply | Unwritten): Written<LiveObject> {
  const written = readWritten(writing, reply);
  // Another kind of conflict is about what had to change with it, such as a quota: there is no such object.
  const isAnother = 'status' in reply && reply.status === 409 && readStatus(reply)?.reason !== 'AlreadyExists';
  return !written.ok && isAnother ? failed('server', written.failure.message) : written;
}

export function readRemoved(writing: Writing, reply: Reply | Unwritten): Written<'removed' | 'gone'> {
  if ('why' in reply) return unanswered(writing, reply);
  if (leavesOpen(reply)) return lostIn(writing, reply);
  if (isGone(writing, reply)) return { ok: true, value: 'gone' };
  return isDone(reply) ? { ok: true, value: 'removed' } : refused(writing, reply);
}

/** There is no such object, or another has its name by now. */
export const isGone = ({ plural, ref }: Writing, reply: Reply): boolean =>
  saysThereIsNone(reply, plural, ref.name) ||
  (reply.status === 409 && NOT_THIS_ONE.test(readStatus(reply)?.message ?? ''));

export const isDone = ({ status }: Reply): boolean => status >= 200 && status < 300;

export function unanswered({ what }: Writing, { kind, why }: Unwritten): Written<never> {
  const message = `${what}: ${why}`;
  return kind === 'lost' ? lost(message) : failed(kind, message);
}

/** It went wrong inside the server, or on the way back: perhaps before it was done, perhaps after. */
export const leavesOpen = (reply: Reply): boolean =>
  reply.status >= 500 && !asksToWait(reply) && !BEFORE_WRITING.test(readStatus(reply)?.message ?? '');

/** In the server's words. */
export const lostIn = (writing: Writing, reply: Reply): Written<never> => lost(wordsOf(writing, reply).message);

export const refused = (writing: Writing, reply: Reply): Written<never> => ({
  ok: false,
  failure: wordsOf(writing, reply),
});

function wordsOf(writing: Writing, reply: Reply): Failure {
  const answer = readAnswer(writing, reply);
  return answer.ok ? { kind: 'server', message: `${writing.what}: expected a refusal, got none` } : answer.failure;
}

const lost = (message: string): Written<never> => ({ ok: false, failure: { kind: 'lost', message } });

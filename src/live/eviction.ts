/** Asks for a pod to be evicted, and reads what its disruption budgets say to that. */
import { readStatus } from './answers.js';
import type { EvictOptions, Held, PodIdentity, Written } from './kube-actions.js';
import type { Reply } from './sender.js';
import type { Unwritten } from './writer.js';
import { isDone, isGone, leavesOpen, lostIn, refused, unanswered, type Writing } from './written.js';

const SEVERAL_BUDGETS = /more than one PodDisruptionBudget/;

export const evictionOf = ({ namespace, name, uid }: PodIdentity, { gracePeriodSeconds }: EvictOptions) => ({
  apiVersion: 'policy/v1',
  kind: 'Eviction',
  metadata: { namespace, name },
  deleteOptions: { preconditions: { uid }, gracePeriodSeconds },
});

/** A budget answers with the number of a server that is too busy. */
export const isHeld = (reply: Reply): boolean => tryFindHold(reply) !== undefined;

export function readEviction(writing: Writing, reply: Reply | Unwritten): Written<'evicted' | 'gone' | Held> {
  if ('why' in reply) return unanswered(writing, reply);
  const held = tryFindHold(reply);
  if (held !== undefined) return { ok: true, value: { held } };
  if (leavesOpen(reply)) return lostIn(writing, reply);
  if (isGone(writing, reply)) return { ok: true, value: 'gone' };
  return isDone(reply) ? { ok: true, value: 'evicted' } : refused(writing, reply);
}

function tryFindHold(reply: Reply): string | undefined {
  const status = readStatus(reply);
  if (status === undefined) return undefined;
  const { message, causes } = status;
  if (reply.status === 500) return SEVERAL_BUDGETS.test(message) ? message : undefined;
  if (reply.status !== 429) return undefined;
  const budgets = causes.filter(({ reason }) => reason === 'DisruptionBudget');
  if (budgets.length === 0) return undefined;
  return [message, ...budgets.map((cause) => cause.message)].join(' ');
}

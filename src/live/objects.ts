/** Where an object stands at an API server, and what its replies about objects and lists say. */
import { isPlainObject, show } from '../cluster/parse/issue.js';
import type { LiveObject } from '../manifest/live-object.js';
import { isSecret } from '../manifest/manifest.js';
import { failed, readAnswer } from './answers.js';
import type { Unanswered } from './broken-answer.js';
import type { KindRef, Resource } from './kube-api.js';
import type { Reply } from './sender.js';

export function pathOf(
  { apiVersion }: KindRef,
  { plural, namespaced }: Resource,
  namespace?: string,
  name?: string,
): string {
  const parts = [apiVersion.includes('/') ? 'apis' : 'api', ...apiVersion.split('/')];
  // A namespace on an object of the whole cluster is no part of its address.
  if (namespaced && namespace !== undefined) parts.push('namespaces', namespace);
  parts.push(plural);
  if (name !== undefined) parts.push(name);
  return `/${parts.map(encodeURIComponent).join('/')}`;
}

export function readObject(what: string, ref: KindRef & { readonly name: string }, reply: Reply | Unanswered) {
  const answer = readAnswer({ what, secret: isSecret(ref) }, reply);
  if (!answer.ok) return answer;
  const { kind, metadata } = answer.value;
  const name = typeof metadata === 'object' && metadata !== null && 'name' in metadata ? metadata.name : undefined;
  if (kind !== ref.kind || name !== ref.name)
    return failed<LiveObject>('server', `${what}: expected this object, got ${String(kind)} ${String(name)}`);
  return { ok: true, value: answer.value as unknown as LiveObject } as const; // An API server's own object.
}

export function readPage(kind: KindRef, reply: Reply | Unanswered) {
  const what = `list ${kind.kind}`;
  const answer = readAnswer({ what, secret: isSecret(kind) }, reply);
  if (!answer.ok) return answer;
  const { items, metadata } = answer.value;
  const found = `${String(answer.value.kind)}${Array.isArray(items) ? '' : ' without items'}`;
  if (found !== `${kind.kind}List` || !Array.isArray(items))
    return failed<never>('server', `${what}: expected a ${kind.kind}List, got ${found}`);
  const stray = items.find((item) => !isPlainObject(item) || !isPlainObject(item.metadata));
  if (stray !== undefined) return failed<never>('server', `${what}: expected objects, got ${show(stray)}`);
  const more = typeof metadata === 'object' && metadata !== null && 'continue' in metadata ? metadata.continue : '';
  // In a list the items do not say what they are.
  const objects = items.map((item) => ({ ...item, apiVersion: kind.apiVersion, kind: kind.kind }) as LiveObject);
  return { ok: true, value: { objects, more: typeof more === 'string' ? more : '' } } as const;
}

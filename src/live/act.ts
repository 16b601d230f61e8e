/** A cluster that may be changed. Only `selfheal reboot --apply` loads this file, and only while it acts. */
import { isPlainObject, show } from '../cluster/parse/issue.js';
import { type Answer, nameOf, type ObjectRef, refOf } from '../manifest/live-object.js';
import { isSecret } from '../manifest/manifest.js';
import type { Target } from './access.js';
import { failed } from './answers.js';
import { createDiscovery } from './discovery.js';
import { evictionOf, isHeld, readEviction } from './eviction.js';
import type { ActingKubeApi, KubeActions } from './kube-actions.js';
import type { KubeApi } from './kube-api.js';
import { pathOf } from './objects.js';
import { createReader } from './reader.js';
import { createSender } from './sender.js';
import { createTransport } from './transport.js';
import { createWriter, type Writer } from './writer.js';
import { readCreated, readRemoved, readWritten, type Writing } from './written.js';

/** On record as the owner of what it sets. A field that the server does not know is refused, not dropped. */
const AS_WHO = 'fieldManager=selfheal&fieldValidation=Strict';

/**
 * Asks nothing yet.
 *
 * Neither a server that is gone nor kinds that could not be told are given up: a roll outlives the API server's restarts.
 */
export function connectToAct(target: Target): ActingKubeApi {
  const patience = { timeoutMs: target.timeout.seconds * 1_000, patient: true };
  const sender = createSender(target.access);
  const transport = createTransport(sender, patience);
  const resource = createDiscovery(transport, patience);
  const reader = createReader(target, { transport, resource, close: sender.close });
  return { ...reader, actions: createActions(reader, createWriter(sender, patience.timeoutMs)) };
}

function createActions({ get, resource }: Pick<KubeApi, 'get' | 'resource'>, { write }: Writer): KubeActions {
  /** Where the object is; a failure where that is not exactly one, so that nothing is ever sent to a whole collection. */
  async function find(verb: string, ref: ObjectRef): Promise<Answer<Writing>> {
    const what = `${verb} ${nameOf(ref)}`;
    const found = await resource(ref);
    if (!found.ok) return found;
    const { plural, namespaced } = found.value;
    const parts = namespaced ? [ref.namespace, ref.name] : [ref.name];
    if (!parts.every(isPathSegment))
      return failed('refused', `${what}: expected ${namespaced ? 'a namespace and ' : ''}a name, got ${show(parts)}`);
    return {
      ok: true,
      value: { what, ref, plural, secret: isSecret(ref), path: pathOf(ref, found.value, ref.namespace, ref.name) },
    };
  }

  const create: KubeActions['create'] = async (manifest) => {
    const at = await find('create', refOf(manifest));
    if (!at.ok) return at;
    const path = at.value.path.slice(0, at.value.path.lastIndexOf('/'));
    const reply = await write({ method: 'POST', path: `${path}?${AS_WHO}`, body: JSON.stringify(manifest) });
    return readCreated(at.value, reply);
  };

  const replace: KubeActions['replace'] = async (object) => {
    const at = await find('replace', refOf(object));
    if (!at.ok) return at;
    const { uid, resourceVersion } = object.metadata;
    if (!isText(uid) || !isText(resourceVersion)) return unguarded(at.value, { uid, resourceVersion });
    const body = JSON.stringify(object);
    return readWritten(at.value, await write({ method: 'PUT', path: `${at.value.path}?${AS_WHO}`, body }));
  };

  const merge: KubeActions['merge'] = async (ref, patch, { resourceVersion }) => {
    const at = await find('patch', ref);
    if (!at.ok) return at;
    if (!isText(resourceVersion)) return unguarded(at.value, { resourceVersion });
    const metadata = isPlainObject(patch.metadata) ? patch.metadata : {};
    const body = JSON.stringify({ ...patch, metadata: { ...metadata, resourceVersion } });
    const type = 'application/merge-patch+json';
    return readWritten(at.value, await write({ method: 'PATCH', path: `${at.value.path}?${AS_WHO}`, type, body }));
  };

  const evict: KubeActions['evict'] = async ({ namespace, name, uid }, options = {}) => {
    const at = await find('evict', { apiVersion: 'v1', kind: 'Pod', namespace, name });
    if (!at.ok) return at;
    if (!isText(uid)) return unguarded(at.value, { uid });
    // The server looks at the budget before it looks at the UID: another pod of that name would use the budget up.
    const found = await get(at.value.ref);
    if (!found.ok) return found;
    if (found.value?.metadata.uid !== uid) return { ok: true, value: 'gone' };
    const body = JSON.stringify(evictionOf({ namespace, name, uid }, options));
    const reply = await write({ method: 'POST', path: `${at.value.path}/eviction`, body }, isHeld);
    return readEviction(at.value, reply);
  };

  const remove: KubeActions['remove'] = async (ref, { uid, resourceVersion }, options = {}) => {
    const at = await find('remove', ref);
    if (!at.ok) return at;
    if (!isText(uid)) return unguarded(at.value, { uid });
    const { propagationPolicy = 'Background', gracePeriodSeconds } = options;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid, resourceVersion },
      propagationPolicy,
    };
    const reply = await write({
      method: 'DELETE',
      path: at.value.path,
      body: JSON.stringify({ ...body, gracePeriodSeconds }),
    });
    return readRemoved(at.value, reply);
  };

  return { create, replace, merge, evict, remove };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** What the API server takes as one part of a path. Without a name, DELETE is about all that there are. */
const isPathSegment = (name: string | undefined): boolean =>
  isText(name) && name !== '.' && name !== '..' && !/[/%]/.test(name);

/** The server would write whatever the object has become. */
const unguarded = ({ what }: Writing, guard: Readonly<Record<string, unknown>>) =>
  failed<never>('refused', `${what}: expected ${Object.keys(guard).join(' and ')}, got ${show(guard)}`);

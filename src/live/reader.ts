/** Asks an API server what a verb may ask. */
import { type Answer, type LiveObject, nameOf, type ObjectRef } from '../manifest/live-object.js';
import { isSecret } from '../manifest/manifest.js';
import type { Target } from './access.js';
import { failed, hasExpired, readAnswer, saysThereIsNone } from './answers.js';
import { CUT } from './broken-answer.js';
import type { Discovery } from './discovery.js';
import { type Get, gatherGets } from './gathered-gets.js';
import type { DryRun, KindRef, KubeApi, ListOptions, Resource } from './kube-api.js';
import { createLogReader } from './log-reader.js';
import { pathOf, readObject, readPage } from './objects.js';
import type { Transport } from './transport.js';

const PAGE = 500;

export function createReader(
  { context, access }: Target,
  {
    transport,
    resource,
    close,
  }: { readonly transport: Transport; readonly resource: Discovery; readonly close: () => void },
): KubeApi {
  const gathered = new Map<string, Get>();

  async function get(ref: ObjectRef): Promise<Answer<LiveObject | null>> {
    const found = await resource(ref);
    if (!found.ok) return found;
    const one = async (name: string): Promise<Answer<LiveObject | null>> => {
      const named = { ...ref, name };
      const reply = await transport.get(pathOf(ref, found.value, ref.namespace, name));
      if (saysThereIsNone(reply, found.value.plural, name)) return { ok: true, value: null };
      return readObject(`get ${nameOf(named)}`, named, reply);
    };
    // Who asks for one Secret never gets another.
    if (isSecret(ref) || (found.value.namespaced && ref.namespace === undefined)) return one(ref.name);
    const place = `${ref.apiVersion} ${ref.kind} ${ref.namespace ?? ''}`;
    const getAny = gathered.get(place) ?? gatherGets(one, (limit) => firstPage(ref, found.value, limit));
    gathered.set(place, getAny);
    return getAny(ref.name);
  }

  /** Who may only get by name is not refused a list for every kind. */
  let mayList = true;

  async function firstPage({ namespace, ...kind }: ObjectRef, found: Resource, limit: number) {
    if (!mayList) return undefined;
    const reply = await transport.get(`${pathOf(kind, found, namespace)}?limit=${limit}`);
    const page = readPage(kind, reply);
    if (page.ok) return { objects: page.value.objects, whole: page.value.more === '' };
    if (page.failure.kind === 'forbidden') mayList = false;
    // Half an answer may be the fault of the list; without a connection nothing else is answered either.
    const isAway = 'why' in reply && reply.kind === 'unreachable' && reply.why !== CUT;
    return isAway ? { failure: page.failure } : undefined;
  }

  async function list(kind: KindRef, options: ListOptions = {}): Promise<Answer<readonly LiveObject[]>> {
    const found = await resource(kind);
    if (!found.ok) return found;
    const path = pathOf(kind, found.value, options.namespace);
    const pages = await listPages(kind, path, options.labelSelector);
    // Objects changed for longer than the server remembers: once more from the start, not for ever.
    return (
      pages ??
      (await listPages(kind, path, options.labelSelector)) ??
      failed('server', `list ${kind.kind}: the API server forgot twice where the list was (410)`)
    );
  }

  async function listPages(kind: KindRef, path: string, labelSelector?: string) {
    const objects: LiveObject[] = [];
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (labelSelector !== undefined) query.set('labelSelector', labelSelector);
    for (;;) {
      const reply = await transport.get(`${path}?${query}`);
      if (hasExpired(reply) && query.has('continue')) return undefined;
      const page = readPage(kind, reply);
      if (!page.ok) return page;
      objects.push(...page.value.objects);
      if (page.value.more === '') return { ok: true, value: objects } as const;
      query.set('continue', page.value.more);
    }
  }

  async function dryRunApply(manifest: Parameters<KubeApi['dryRunApply']>[0], options: { fieldManager: string }) {
    const { metadata, ...kind } = manifest;
    const found = await resource(manifest);
    if (!found.ok) return found;
    const what = `dry run of ${nameOf({ ...kind, ...metadata })}`;
    if (found.value.namespaced && metadata.namespace === undefined)
      return failed<DryRun>('refused', `${what}: expected a namespace, got none`);
    const path = pathOf(kind, found.value, metadata.namespace, metadata.name);
    const query = new URLSearchParams({ force: 'true', fieldManager: options.fieldManager, fieldValidation: 'Warn' });
    const reply = await transport.dryRunPatch(path, String(query), JSON.stringify(manifest));
    const object = readObject(what, { ...kind, name: metadata.name }, reply);
    if (!object.ok || 'why' in reply) return object.ok ? failed<DryRun>('server', what) : object;
    return {
      ok: true,
      value: { object: object.value, created: reply.status === 201, warnings: reply.warnings },
    } as const;
  }

  async function version(): Promise<Answer<string>> {
    const answer = readAnswer({ what: 'version', secret: false }, await transport.get('/version'));
    if (!answer.ok) return answer;
    const { gitVersion } = answer.value;
    return typeof gitVersion === 'string' && gitVersion !== ''
      ? { ok: true, value: gitVersion }
      : failed('server', 'version: expected gitVersion, got an answer without it');
  }

  const { log, now } = createLogReader(transport);

  return { context, server: access.server, get, list, dryRunApply, version, log, now, resource, close };
}

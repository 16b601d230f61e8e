/** What an API server would say to a file of manifests if Argo CD sent it, byte for byte as it stands. */
import { parse } from 'yaml';
import type { Manifest } from '../../../src/manifest/manifest.js';
import type { Send } from '../bench/api.js';

export interface Verdict {
  readonly accepted: boolean;
  /** Why not; empty where it is accepted. */
  readonly message: string;
  readonly warnings: readonly string[];
  /** What the object would be then. */
  readonly object: Manifest | null;
}

/** Server-side apply as Argo CD's field manager, with force, and strict about every field. */
const HOW = 'dryRun=All&force=true&fieldManager=argocd-controller&fieldValidation=Strict';

export class DryRun {
  readonly #send: Send;
  /** Group and version to where its kinds are; asked once. */
  readonly #kinds = new Map<string, Promise<ReadonlyMap<string, Resource>>>();

  constructor(send: Send) {
    this.#send = send;
  }

  async apply(text: string): Promise<Verdict> {
    // Only to know where it goes: duplicate keys and the like are for the server to find.
    const { apiVersion, kind, metadata } = parse(text, { uniqueKeys: false }) as Manifest;
    const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const kinds = this.#kinds.get(group) ?? this.#kindsOf(group);
    this.#kinds.set(group, kinds);
    const resource = (await kinds).get(kind);
    if (!resource) return refused(`the server does not have the kind ${apiVersion} ${kind}`);
    if (resource.namespaced !== (metadata.namespace !== undefined)) {
      return refused(
        `${kind} ${metadata.name}: ${resource.namespaced ? 'has no namespace' : 'cannot have a namespace'}`,
      );
    }
    const within = resource.namespaced ? `/namespaces/${metadata.namespace}` : '';
    const path = `${group}${within}/${resource.name}/${metadata.name}?${HOW}`;
    const reply = await this.#send('PATCH', path, { body: text, type: 'application/apply-patch+yaml' });
    // Every answer to a PATCH is an object: the one asked about, or a Status.
    const answer = JSON.parse(reply.text) as Manifest & { message?: string };
    return reply.status === 200 || reply.status === 201
      ? { accepted: true, message: '', warnings: reply.warnings, object: answer }
      : { ...refused(answer.message ?? reply.text), warnings: reply.warnings };
  }

  async #kindsOf(group: string): Promise<ReadonlyMap<string, Resource>> {
    const { status, text } = await this.#send('GET', group);
    if (status !== 200) return new Map();
    const { resources } = JSON.parse(text) as { resources: readonly (Resource & { kind: string })[] };
    return new Map(resources.filter(({ name }) => !name.includes('/')).map((found) => [found.kind, found]));
  }
}

interface Resource {
  readonly name: string;
  readonly namespaced: boolean;
}

const refused = (message: string): Verdict => ({ accepted: false, message, warnings: [], object: null });

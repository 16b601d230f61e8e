/**
 * Which kinds an API server has, and where.
 *
 * A group that an aggregated API serves can be known and down: then its kinds cannot be told, they are not missing.
 */
import { isPlainObject } from '../cluster/parse/issue.js';
import type { Answer } from '../manifest/live-object.js';
import { failed, readAnswer } from './answers.js';
import type { KindRef, Resource } from './kube-api.js';
import type { Patience, Transport } from './transport.js';

export type Discovery = (kind: KindRef) => Promise<Answer<Resource>>;

interface Version {
  readonly kinds: ReadonlyMap<string, Resource>;
  /** The server could not ask the API behind it just now. */
  readonly stale: boolean;
}

type Versions = ReadonlyMap<string, Version>;

// In one answer instead of one a version; v2beta1 until Kubernetes 1.30.
const ACCEPT = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .join(',');

/** @param patient what could not be told is asked for again, instead of once a run */
export function createDiscovery(transport: Transport, { patient }: Pick<Patience, 'patient'>): Discovery {
  let asked: Promise<Answer<Versions>> | undefined;

  return async ({ apiVersion, kind }) => {
    asked ??= discover(transport);
    const current = asked;
    const versions = await current;
    if (!versions.ok) {
      if (patient && asked === current) asked = undefined;
      return versions;
    }
    const version = versions.value.get(apiVersion);
    const found = version?.kinds.get(kind);
    if (found !== undefined) return { ok: true, value: found };
    const what = `${apiVersion} ${kind}`;
    if (version?.stale === true)
      return failed('server', `${what}: the API behind ${apiVersion} does not answer the API server`);
    return failed('unknown-kind', `${what}: ${missing(apiVersion, kind, versions.value)}`);
  };
}

function missing(apiVersion: string, kind: string, versions: Versions): string {
  const group = apiVersion.slice(0, apiVersion.indexOf('/') + 1);
  const elsewhere = [...versions]
    .filter(
      ([name, { kinds }]) => name.startsWith(group) && name.includes('/') === group.includes('/') && kinds.has(kind),
    )
    .map(([name]) => name);
  return elsewhere.length > 0
    ? `the API server has this kind as ${elsewhere.join(', ')} only`
    : 'the API server does not have this kind';
}

async function discover(transport: Transport): Promise<Answer<Versions>> {
  const answers = await Promise.all(['/api', '/apis'].map((path) => discoverAt(transport, path)));
  const versions = new Map<string, Version>();
  for (const answer of answers) {
    if (!answer.ok) return answer;
    for (const [name, version] of answer.value) versions.set(name, version);
  }
  return { ok: true, value: versions };
}

async function discoverAt(transport: Transport, path: string): Promise<Answer<Versions>> {
  const what = `which kinds there are (${path})`;
  const answer = readAnswer({ what, secret: false }, await transport.get(path, ACCEPT));
  // That no kind is there at this address says nothing of any kind.
  if (!answer.ok) return answer.failure.kind === 'unknown-kind' ? failed('server', answer.failure.message) : answer;
  const { kind, items } = answer.value;
  if (kind !== 'APIGroupDiscoveryList' || !Array.isArray(items))
    return failed(
      'server',
      `${what}: expected an APIGroupDiscoveryList (Kubernetes 1.26 or newer), got ${String(kind)}`,
    );
  return { ok: true, value: new Map(items.flatMap(versionsOf)) };
}

function versionsOf(group: unknown): readonly (readonly [string, Version])[] {
  if (!isPlainObject(group)) return [];
  const name = isPlainObject(group.metadata) ? group.metadata.name : undefined;
  return listIn(group, 'versions').map((version) => {
    const kinds = new Map<string, Resource>();
    for (const { resource, responseKind, scope } of listIn(version, 'resources')) {
      if (typeof resource !== 'string' || !isPlainObject(responseKind) || typeof responseKind.kind !== 'string')
        continue;
      kinds.set(responseKind.kind, { plural: resource, namespaced: scope === 'Namespaced' });
    }
    const apiVersion = typeof name === 'string' && name !== '' ? `${name}/${version.version}` : String(version.version);
    return [apiVersion, { kinds, stale: version.freshness === 'Stale' }];
  });
}

const listIn = (
  parent: Readonly<Record<string, unknown>>,
  key: string,
): readonly Readonly<Record<string, unknown>>[] => {
  const list = parent[key];
  return Array.isArray(list) ? list.filter(isPlainObject) : [];
};

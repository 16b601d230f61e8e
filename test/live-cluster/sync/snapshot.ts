/** Whether anybody wrote anything: the version of every object that is asked about. */
import { parse } from 'yaml';
import type { LiveObject } from '../../../src/manifest/live-object.js';
import { groupOf, identityOf, type Manifest } from '../../../src/manifest/manifest.js';
import type { Bench } from '../bench/bench.js';

/** Argo CD writes its findings into them at each look: what they say is compared, not that they were written. */
const WRITTEN_AT_EACH_LOOK = 'Application';

/** Every object of the kinds that the manifests have, and every pod: identity to version and generation. */
export function snapshot(bench: Bench, manifests: readonly string[]): ReadonlyMap<string, string> {
  // What synth wrote.
  const kinds = manifests.map((text) => parse(text) as Manifest).map(resourceOf);
  const asked = [...new Set([...kinds, 'Pod.v1.'])].join();
  // What the API server prints of a list.
  const { items } = JSON.parse(bench.kubectl(['get', asked, '--all-namespaces', '--output=json'])) as {
    readonly items: readonly LiveObject[];
  };
  return new Map(items.map((object) => [identityOf(object), stateOf(object)]));
}

const stateOf = ({ kind, spec, metadata: { resourceVersion, generation } }: LiveObject): string =>
  kind === WRITTEN_AT_EACH_LOOK ? JSON.stringify(spec) : `${resourceVersion}, generation ${generation}`;

/** As kubectl tells kinds of the same name apart. */
function resourceOf(manifest: Manifest): string {
  const version = manifest.apiVersion.split('/').at(-1);
  return `${manifest.kind}.${version}.${groupOf(manifest)}`;
}

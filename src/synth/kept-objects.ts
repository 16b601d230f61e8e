/**
 * The objects of a cluster for a verb that only looks: kept from the last time, because rendering is most of its work.
 *
 * The same program renders the same cluster to the same objects. So they are kept with a hash of both, the scripts of
 * the layers included; whatever differs is rendered anew. What is written to `dist/` never comes from here.
 */
import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';
import type { Cluster } from '../cluster/cluster.js';
import { everyScript } from '../layers/script.js';
import type { PlacedManifest } from '../manifest/manifest.js';
import { cachePath, keep, readKept } from './cache.js';
import type { Description } from './load-clusters.js';

declare global {
  interface ImportMeta {
    /** Put in by the bundle. From the source no one file is the whole program. */
    readonly programHash?: string;
  }
}

interface Kept {
  readonly hash: string;
  readonly objects: readonly PlacedManifest[];
}

export async function keptObjects({ file, cluster }: Description): Promise<readonly PlacedManifest[]> {
  const program = import.meta.programHash;
  const path = cachePath(`${file}.objects`);
  if (path === undefined || program === undefined) return render(cluster);

  const hash = hashOf([program, ...everyScript(), serialize(cluster)]);
  const kept = readKept(path, isKept);
  if (kept?.hash === hash) return kept.objects;
  const objects = await render(cluster);
  keep(path, { hash, objects } satisfies Kept);
  return objects;
}

async function render(cluster: Cluster): Promise<readonly PlacedManifest[]> {
  const { renderCluster } = await import('./render.js');
  return renderCluster(cluster);
}

function hashOf(parts: readonly (Buffer | string)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex');
}

const isKept = (value: unknown): value is Kept =>
  typeof value === 'object' &&
  value !== null &&
  typeof Reflect.get(value, 'hash') === 'string' &&
  Array.isArray(Reflect.get(value, 'objects'));

/**
 * The store below a bench's API server, for what no API gives: objects with the times of hours ago, and all of them as
 * they were. Who restores a cluster's backup does the same.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveObject } from '../../../src/manifest/live-object.js';
import type { Bench } from '../bench/bench.js';

/** Names as etcd has them: below `/registry/`. */
export type Snapshot = ReadonlyMap<string, string>;

const PORT = 2379;

const encoded = (text: string): string => Buffer.from(text).toString('base64');
const decoded = (text: string): string => Buffer.from(text, 'base64').toString();

/** Of bytes, one more than the last: what etcd takes for the end of a prefix. */
const endOf = (prefix: string): string =>
  encoded(prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1));

async function ask(bench: Bench, path: string, body: object): Promise<unknown> {
  const url = `http://${new URL(bench.server).hostname}:${PORT}/v3/kv/${path}`;
  const reply = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  if (!reply.ok) throw new Error(`${url}: ${reply.status} ${await reply.text()}`);
  return reply.json();
}

type Resource = 'pods' | 'leases' | 'persistentvolumeclaims';

/** Puts an object in the place of the one that is there. The API server reads JSON as it reads its own form. */
export async function rewrite(bench: Bench, resource: Resource, object: LiveObject): Promise<void> {
  const { resourceVersion: _, ...metadata } = object.metadata;
  const key = encoded(`/registry/${resource}/${metadata.namespace}/${metadata.name}`);
  await ask(bench, 'put', { key, value: encoded(JSON.stringify({ ...object, metadata })) });
}

/** As the API writes a time. */
export const ago = (milliseconds: number): string =>
  new Date(Date.now() - milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');

interface Range {
  readonly kvs?: readonly { readonly key: string; readonly value: string }[];
}

/** Everything below these names; the values are left encoded. */
export async function snapshot(bench: Bench, prefixes: readonly string[]): Promise<Snapshot> {
  const ranges = await Promise.all(
    // What etcd answers to a range.
    prefixes.map(async (each) => (await ask(bench, 'range', { key: encoded(each), range_end: endOf(each) })) as Range),
  );
  return new Map(ranges.flatMap(({ kvs = [] }) => kvs).map(({ key, value }) => [decoded(key), value]));
}

/** All below these names becomes as it was; controllers may have answered to what it was in between, so it looks twice. */
export async function restore(bench: Bench, prefixes: readonly string[], wanted: Snapshot): Promise<void> {
  for (let look = 0; look < 20; look++) {
    const found = await snapshot(bench, prefixes);
    const gone = [...found.keys()].filter((key) => !wanted.has(key));
    const other = [...wanted].filter(([key, value]) => found.get(key) !== value);
    if (look > 0 && gone.length + other.length === 0) return;
    await Promise.all([
      ...gone.map((key) => ask(bench, 'deleterange', { key: encoded(key) })),
      ...other.map(([key, value]) => ask(bench, 'put', { key: encoded(key), value })),
    ]);
    await sleep(500);
  }
  throw new Error(`etcd: expected it to stay as it was, somebody goes on writing below ${prefixes.join(', ')}`);
}

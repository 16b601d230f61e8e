/** Facts as a look at a cluster gives them to checks: what a test does not name was not to be had. */
import type { Cluster } from '../../src/cluster/cluster.js';
import type { Answer, LiveObject } from '../../src/manifest/live-object.js';
import type { Json } from '../../src/manifest/manifest.js';
import type { CheckFacts, KindName } from '../../src/ops/check/facts.js';

export const NOW = Date.parse('2026-06-05T08:00:00Z');

/** So many minutes before NOW, as the API writes it. */
export const minutesAgo = (minutes: number): string => new Date(NOW - minutes * 60_000).toISOString();

export const failure = (message: string, kind: 'forbidden' | 'unknown-kind' = 'forbidden'): Answer<never> => ({
  ok: false,
  failure: { kind, message },
});

type Known = { readonly [Name in KindName]?: readonly LiveObject[] | Answer<never> };

interface Look {
  readonly cluster: Cluster;
  readonly node?: string | null;
  readonly now?: Answer<number>;
}

export function lookOf({ cluster, node = null, now = { ok: true, value: NOW } }: Look, known: Known): CheckFacts {
  return {
    cluster,
    node,
    now,
    of: (name) => {
      const found = known[name];
      if (found === undefined) return failure(`${name}: not given by this test`);
      return 'ok' in found ? found : { ok: true, value: found };
    },
    host: (name) => failure(`host ${name}: not given by this test`),
    described: [],
    patched: [],
  };
}

interface Shape {
  readonly metadata?: { readonly [key: string]: Json };
  readonly [key: string]: Json | undefined;
}

/** An object with what the API server adds; `place` is `namespace/name` or a name. */
export function live(kind: string, place: string, { metadata, ...rest }: Shape = {}): LiveObject {
  const [name = '', namespace] = place.split('/').toReversed();
  return {
    apiVersion: 'v1',
    kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      uid: `uid-${kind}-${place}`,
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: minutesAgo(600),
      ...metadata,
    },
    ...rest,
  };
}

interface PodShape {
  readonly node?: string | null;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ready?: boolean;
  readonly phase?: string;
  readonly ip?: string;
  readonly metadata?: { readonly [key: string]: Json };
  readonly status?: { readonly [key: string]: Json };
}

export const pod = (place: string, shape: PodShape = {}): LiveObject => {
  const { node = 'attic', labels = {}, ready = true, phase = 'Running', ip, metadata, status } = shape;
  return live('Pod', place, {
    metadata: { labels, ...metadata },
    spec: node === null ? {} : { nodeName: node },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      ...(ip !== undefined && { podIP: ip }),
      ...status,
    },
  });
};

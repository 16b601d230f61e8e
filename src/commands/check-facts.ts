/** Asks a live cluster what checks want to know: each kind once, all at the same time, and no longer than the run may take. */
import { setTimeout as sleep } from 'node:timers/promises';
import { applicationName } from '../argo/application-name.js';
import { FOREIGN } from '../argo/sync-options.js';
import type { Cluster } from '../cluster/cluster.js';
import type { Duration } from '../cluster/duration.js';
import { describeDuration } from '../cluster/duration.js';
import type { KubeApi } from '../live/kube-api.js';
import { type Answer, type LiveObject, nameOf, refOf } from '../manifest/live-object.js';
import type { PlacedManifest } from '../manifest/manifest.js';
import {
  type CheckFacts,
  type DescribedObject,
  FACT_KINDS,
  type FactName,
  type HealthCheck,
  type KindName,
  type PatchedObject,
} from '../ops/check/facts.js';
import { gatherHostReports } from './check-host-reports.js';

export interface Looked {
  readonly cluster: Cluster;
  readonly node: string | null;
  readonly checks: readonly HealthCheck[];
  /** Asked for already: the connection is made while the rest is prepared. */
  readonly nodes: Promise<Answer<readonly LiveObject[]>>;
  /** Rendered; only waited for where a check asks for it. */
  readonly render: () => Promise<readonly PlacedManifest[]>;
  /** For all of it together. */
  readonly timeout: Duration;
}

export async function gatherFacts(api: KubeApi, looked: Looked): Promise<CheckFacts> {
  const { cluster, node, checks } = looked;
  // Nodes are always asked for: they tell which cluster this is.
  const asked = new Set<FactName>(['nodes', ...checks.flatMap(({ asks }) => asks)]);
  const until = deadline(looked.timeout);
  try {
    const lists = new Map(
      kindsFor(asked).map((name) => {
        const { kind } = FACT_KINDS[name];
        return [name, until(`list ${kind}`, name === 'nodes' ? looked.nodes : api.list(FACT_KINDS[name]))] as const;
      }),
    );
    const now = until('the time', api.now());
    const described = needsDescription(asked) ? await looked.render().then((all) => withNames(cluster, all)) : [];
    const patched = asked.has('patched') ? gatherPatched(api, described, until) : [];
    const hosts = asked.has('hostReports') ? gatherHostReports(api, { cluster, lists, now }, until) : new Map();
    const [found, reports] = [await settled(lists), await settled(hosts)];
    return {
      ...{ cluster, node, now: await now, described },
      patched: await Promise.all(patched),
      of: (name) => answerOf(found, name, 'a check reads what it does not ask for'),
      host: (name) => answerOf(reports, name, 'no such host, or the check does not ask for reports'),
    };
  } finally {
    until.end();
  }
}

/** Reports are found through the pods that write them. */
const kindsFor = (asked: ReadonlySet<FactName>): readonly KindName[] => {
  const reported: readonly KindName[] = asked.has('hostReports') ? ['pods'] : [];
  const all = Object.keys(FACT_KINDS) as KindName[]; // Its own keys.
  return all.filter((name) => asked.has(name) || reported.includes(name));
};

const needsDescription = (asked: ReadonlySet<FactName>): boolean => asked.has('described') || asked.has('patched');

const withNames = (cluster: Cluster, all: readonly PlacedManifest[]): readonly DescribedObject[] =>
  all.map(({ application, manifest }) => ({ application: applicationName(cluster, application), manifest }));

const gatherPatched = (
  api: KubeApi,
  described: readonly DescribedObject[],
  until: Until,
): readonly Promise<PatchedObject>[] =>
  described
    .filter(({ manifest }) => manifest.metadata.annotations?.[FOREIGN] !== undefined)
    .map(async (each) => {
      const ref = refOf(each.manifest);
      return { ...each, live: await until(`get ${nameOf(ref)}`, api.get(ref)) };
    });

async function settled<K, V>(asked: ReadonlyMap<K, Promise<V>>): Promise<ReadonlyMap<K, V>> {
  return new Map(await Promise.all([...asked].map(async ([key, value]) => [key, await value] as const)));
}

function answerOf<K, V>(found: ReadonlyMap<K, V>, key: K, problem: string): V {
  const answer = found.get(key);
  if (answer === undefined)
    throw new Error(`fact '${String(key)}': expected one that was asked for, got none: ${problem}`);
  return answer;
}

export interface Until {
  /** The answer, or that there was none in time. */
  <T>(what: string, answer: Promise<Answer<T>>): Promise<Answer<T>>;
  readonly end: () => void;
}

/** One clock for all questions: what is not answered when the run is over is not waited for. */
function deadline(timeout: Duration): Until {
  const end = new AbortController();
  // Ended early, everything was answered: whoever waits for the clock waits for nothing any more.
  const isOver = sleep(timeout.seconds * 1_000, undefined, { signal: end.signal }).catch(() => undefined);
  const until = async <T>(what: string, answer: Promise<Answer<T>>): Promise<Answer<T>> =>
    Promise.race([
      answer,
      isOver.then((): Answer<T> => {
        const message = `${what}: no answer within ${describeDuration(timeout)} (--timeout)`;
        return { ok: false, failure: { kind: 'timed-out', message } };
      }),
    ]);
  return Object.assign(until, { end: () => end.abort() });
}

/** What a roll does to nodes and to a workload, sampled from outside. */
import { setTimeout as sleep } from 'node:timers/promises';
import { at, textAt } from '../../../src/manifest/json.js';
import type { Bench } from '../bench/bench.js';
import { isTrue, listed } from './rolled.js';

interface Times {
  cordoned?: number;
  /** Ready in another boot. */
  back?: number;
  uncordoned?: number;
}

interface Figures {
  /** By performance.now(). */
  readonly nodes: ReadonlyMap<string, Times>;
  /** How often its pods were counted, and for how many milliseconds none of them was ready. */
  readonly samples: number;
  readonly withoutMs: number;
  readonly fewest: number;
  /** The most nodes that were out of service at once. */
  readonly mostCordoned: number;
}

/** `isUp`: a pod of a machine that is down is not ready, whatever the API still says of it. */
export function watchRoll(bench: Bench, app: string, isUp: (node: string) => boolean): () => Promise<Figures> {
  const nodes = new Map<string, Times>();
  const boots = new Map<string, string>();
  let [samples, withoutMs, fewest, mostCordoned, last] = [0, 0, Number.POSITIVE_INFINITY, 0, performance.now()];
  let ending = false;

  async function look(): Promise<void> {
    const [seen, pods] = await Promise.all([
      listed(bench, '/api/v1/nodes'),
      listed(bench, `/api/v1/namespaces/default/pods?labelSelector=app%3D${app}`),
    ]);
    const now = performance.now();
    for (const node of seen) {
      const { name } = node.metadata;
      const times = nodes.get(name) ?? {};
      nodes.set(name, times);
      const boot = textAt(node, 'status', 'nodeInfo', 'bootID') ?? '';
      if (!boots.has(name)) boots.set(name, boot);
      const isCordoned = at(node, 'spec', 'unschedulable') === true;
      if (isCordoned) times.cordoned ??= now;
      if (boots.get(name) !== boot && isTrue(node, 'Ready')) times.back ??= now;
      if (!isCordoned && times.cordoned !== undefined) times.uncordoned ??= now;
    }
    const ready = pods.filter(
      (pod) =>
        isTrue(pod, 'Ready') &&
        pod.metadata.deletionTimestamp === undefined &&
        isUp(textAt(pod, 'spec', 'nodeName') ?? ''),
    );
    samples += 1;
    fewest = Math.min(fewest, ready.length);
    if (ready.length === 0) withoutMs += now - last;
    mostCordoned = Math.max(mostCordoned, seen.filter((node) => at(node, 'spec', 'unschedulable') === true).length);
    last = now;
  }

  const watching = (async () => {
    while (!ending) {
      await look();
      await sleep(100);
    }
  })();
  // It is looked at when it is ended.
  watching.catch(() => undefined);
  return async () => {
    ending = true;
    await watching;
    return { nodes, samples, withoutMs, fewest, mostCordoned };
  };
}

/** What a first sync of a committed `dist/` comes to, whatever the cluster. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Cluster } from '../../../src/cluster/cluster.js';
import type { Files } from '../../../src/manifest/layout.js';
import { describe as inWords, type Manifest } from '../../../src/manifest/manifest.js';
import { type Bench, startBench } from '../bench/bench.js';
import { applicationOf, applicationsOf, refreshAll, untilHealthy, untilSynced } from '../support/applications.js';
import { applyByHand, committedDist } from '../support/committed.js';
import { takeDown } from '../support/node-down.js';
import { nodesOf } from '../world/nodes.js';
import { snapshot } from './snapshot.js';
import { unsetFields } from './unset-fields.js';

interface FirstSync {
  readonly cluster: Cluster;
  /** What is in the cluster before. */
  readonly world: (bench: Bench) => void;
  /** Applications of external charts, which cannot be pulled here. */
  readonly charts: readonly string[];
  readonly nodeDown: string;
  /** Those with pods that wait for the node that is down. */
  readonly waiting: readonly string[];
}

/** The tests build on one another, as the days of a cluster do. */
export function testFirstSync({ cluster, world, charts, nodeDown, waiting }: FirstSync): void {
  let bench: Bench;
  let files: Files;
  let revision: string;
  let names: readonly string[];

  beforeAll(async () => {
    bench = await startBench({ nodes: nodesOf(cluster), argo: true });
    world(bench);
    files = committedDist(cluster, bench.repository.url);
    revision = bench.repository.commit(files, 'dist');
    names = objectsIn(files, 'argocd').flatMap(({ kind, metadata: { name } }) =>
      kind === 'Application' && !charts.includes(name) ? [name] : [],
    );
    applyByHand(bench, cluster, files);
    await untilSynced(bench, names, revision);
  });

  afterAll(() => bench?.close());

  test('leaves no Application out of sync but those of external charts', async () => {
    for (const chart of charts)
      await bench.until(`Argo CD has tried ${chart}`, () => applicationOf(bench, chart).conditions[0]);

    const late = applicationsOf(bench).filter(({ sync }) => sync !== 'Synced');

    expect(late.map(({ name }) => name)).toEqual(charts);
    for (const { conditions } of late) expect(conditions.join()).toMatch(/ComparisonError: .*chart/);
  });

  test('succeeds at the first try', () => {
    const tries = applicationsOf(bench).filter(({ name }) => names.includes(name));

    expect(tries.filter(({ retries }) => retries > 0).map(({ name, message }) => `${name}: ${message}`)).toEqual([]);
  });

  test('ends with everything healthy', async () => {
    await untilHealthy(
      bench,
      applicationsOf(bench).map(({ name }) => name),
    );
  });

  test('makes every object of Git, and claims no other', () => {
    for (const { name, resources } of applicationsOf(bench).filter(({ name }) => names.includes(name))) {
      const folder =
        name === `${cluster.gitops.applicationPrefix}root`
          ? 'argocd'
          : name.slice(cluster.gitops.applicationPrefix.length);
      const inGit = objectsIn(files, folder).map(inWordsWithSlash);

      expect(inGit.length, name).toBeGreaterThan(0);
      expect([...resources.keys()].sort(), name).toEqual(inGit.sort());
    }
  });

  test('sets every field that Git has', () => {
    expect(unsetFields(bench, files)).toEqual([]);
  });

  test('nothing fights: two looks later nothing was written again', async () => {
    const before = snapshot(bench, [...files.values()]);
    const operations = finished();

    for (const _ of [1, 2]) await refreshAll(bench, names);
    await untilSynced(bench, names, revision);

    expect(before.size).toBeGreaterThan(files.size - names.length);
    expect(snapshot(bench, [...files.values()])).toEqual(before);
    expect(finished()).toEqual(operations);
  });

  test('nothing waits for anything: no object declares a wave or a hook', () => {
    const declaring = objectsIn(files, '').filter(({ metadata: { annotations = {} } }) =>
      Object.keys(annotations).some((key) => /^(argocd\.argoproj\.io\/(sync-wave|hook)|helm\.sh\/hook)/.test(key)),
    );

    expect(declaring.map(inWords)).toEqual([]);
  });

  test('with a node down each Application still takes up a change to every object', async () => {
    await takeDown(bench, nodeDown);
    const changed = new Map([...files].map(([path, text]) => [path, path.includes('/argocd/') ? text : touched(text)]));
    const next = bench.repository.commit(changed, 'touch everything');
    await refreshAll(bench, names);

    const after = await untilSynced(bench, names, next);

    await bench.until('what has pods on that node waits for it, and nothing else does', () => {
      const unwell = applicationsOf(bench).filter(({ health }) => health !== 'Healthy');
      const found = unwell.map(({ name, health }) => `${name} ${health}`).sort();
      if (found.join() !== waiting.map((name) => `${name} Progressing`).join()) throw new Error(found.join());
      return true;
    });
    expect(after.filter(({ retries }) => retries > 0)).toEqual([]);
  });

  /**
   * When each Application's last operation ended; the root's aside. While Argo CD writes its findings into the others,
   * the root may compare one of them with what it was a moment ago, and applies it again, which changes nothing.
   */
  function finished(): readonly string[] {
    return applicationsOf(bench).flatMap(({ name, finishedAt }) =>
      name === `${cluster.gitops.applicationPrefix}root` ? [] : [`${name} ${finishedAt}`],
    );
  }

  function objectsIn(from: Files, folder: string): Manifest[] {
    const prefix = folder === '' ? 'dist/' : `${cluster.gitops.path}/${folder}/`;
    // What synth wrote.
    return [...from].filter(([path]) => path.startsWith(prefix)).map(([, text]) => parse(text) as Manifest);
  }
}

/** As an Application's status names it. */
const inWordsWithSlash = ({ kind, metadata: { namespace = '', name } }: Manifest): string =>
  `${kind} ${namespace}/${name}`;

interface Metadata {
  readonly annotations?: Readonly<Record<string, string>>;
}

/** With an annotation more, on the pods of what has a pod template too: their pods are made anew. */
function touched(text: string): string {
  // What synth wrote.
  const manifest = parse(text) as { metadata: Metadata; spec?: { template?: { metadata?: Metadata } } };
  for (const target of [manifest, ...(manifest.spec?.template ? [manifest.spec.template] : [])]) {
    const { annotations } = target.metadata ?? {};
    target.metadata = { ...target.metadata, annotations: { ...annotations, 'example.org/touched': 'yes' } };
  }
  return JSON.stringify(manifest);
}

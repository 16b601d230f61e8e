import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Files } from '../../../src/manifest/layout.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { homelab } from '../../support/clusters.js';
import { type Bench, startBench } from '../bench/bench.js';
import { applicationOf, refreshAll, untilSynced } from '../support/applications.js';
import { applyByHand, generatedDist } from '../support/committed.js';
import { homelabWorld } from '../world/homelab.js';
import { nodesOf } from '../world/nodes.js';
import { unsetFields } from './unset-fields.js';

const OBJECT = { metadata: { name: 'one-more', namespace: 'monitoring' } } as const;

/** The folder, what becomes of its files, and how Argo CD says that it does not like that. */
type Change = readonly [string, string, (files: Map<string, string>, folder: string) => void, RegExp];

const REFUSED: readonly Change[] = [
  [
    'an object in a namespace that is not of the AppProject',
    'alerts',
    (files, folder) =>
      add(files, folder, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one-more', namespace: 'default' } }),
    /one or more synchronization tasks are not valid/,
  ],
  [
    'a cluster-wide kind that the AppProject does not list',
    'dashboards',
    (files, folder) =>
      add(files, folder, {
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        metadata: { name: 'one-more' },
        value: 1,
      }),
    /one or more synchronization tasks are not valid/,
  ],
  [
    'a kind whose CRD is not there',
    'reachability',
    (files, folder) =>
      add(files, folder, { ...OBJECT, apiVersion: 'monitoring.coreos.com/v1', kind: 'ThanosRuler', spec: {} }),
    /ensure CRDs are installed first/,
  ],
  [
    "an object that is another Application's",
    'node-bootstrap',
    (files, folder) =>
      files.set(
        `dist/homelab/${folder}/one-more.yaml`,
        files.get('dist/homelab/local-path-backup/networkpolicy-local-path-backup.yaml') ?? '',
      ),
    /NetworkPolicy\/local-path-backup is part of applications/,
  ],
];

/**
 * Of objects that are there: the API server refuses the dry run with which Argo CD compares them. It says so, notes all
 * of the Application's objects as not modified, and goes by that note at its next look: Synced, with this commit.
 */
const HIDDEN: readonly Change[] = [
  [
    'a field that the kind does not have',
    'coredns',
    (files, folder) => edit(files, `${folder}/deployment-coredns.yaml`, 'podAntiAffinity:', 'podAntiAfinity:'),
    /podAntiAfinity: field not declared in schema/,
  ],
  [
    'a value of another type',
    'longhorn',
    (files, folder) => edit(files, `${folder}/recurringjob-daily-snapshot.yaml`, /retain: \d+/, 'retain: seven'),
    /spec\.retain.*must be of type integer|expected numeric/,
  ],
];

const ALL = [...REFUSED, ...HIDDEN];
const applicationNames = (changes: readonly Change[]): readonly string[] =>
  changes.map(([, folder]) => `selfheal-${folder}`);

describe('a change that Argo CD cannot apply', () => {
  const cluster = homelab();
  let bench: Bench;
  let good: Files;
  let broken: string;
  let brokenFiles: Files;
  const names = applicationNames(ALL);
  const others = ['selfheal-root', 'selfheal-local-path-backup', 'selfheal-longhorn-csi-spread'];

  beforeAll(async () => {
    bench = await startBench({ nodes: nodesOf(cluster), argo: true });
    homelabWorld(bench, cluster);
    good = generatedDist(cluster, bench.repository.url);
    const first = bench.repository.commit(good, 'good');
    applyByHand(bench, cluster, good);
    await untilSynced(bench, [...names, ...others], first);
    const files = new Map(good);
    for (const [, folder, change] of ALL) change(files, folder);
    brokenFiles = files;
    broken = bench.repository.commit(files, 'broken');
    await refreshAll(bench, [...names, ...others]);
  });

  afterAll(() => bench?.close());

  test.each(REFUSED)('%s is refused, and Argo CD says why', async (_, folder, __, reason) => {
    const said = await bench.until(`${folder} is refused`, () => {
      const { sync, phase, message, conditions } = applicationOf(bench, `selfheal-${folder}`);
      const text = [message, ...conditions].join('; ');
      if ((sync === 'Synced' && phase === 'Succeeded') || !reason.test(text))
        throw new Error(`${sync} ${phase} ${text}`);
      return text;
    });

    expect(said).toMatch(reason);
  });

  test('fails the wait for a sync that the other suites begin with', async () => {
    for (const name of applicationNames(REFUSED)) {
      await expect(untilSynced(bench, [name], broken, 1), name).rejects.toThrow(
        `synced with ${broken.slice(0, 7)}: ${name}`,
      );
    }
  });

  test.each(HIDDEN)(
    '%s in an object that is there is refused whenever Argo CD is told to look',
    async (_, folder, __, reason) => {
      const said = await bench.until(`the dry run of ${folder} is refused`, async () => {
        await refreshAll(bench, [`selfheal-${folder}`]);
        return applicationOf(bench, `selfheal-${folder}`).conditions.find((text) => reason.test(text));
      });

      expect(said).toMatch(/^ComparisonError: /);
    },
  );

  test.each(HIDDEN)(
    '%s is forgotten by Argo CD when it looks by itself, and not by the API server',
    async (_, folder, __, reason) => {
      const [forgotten] = await untilSynced(bench, [`selfheal-${folder}`], broken);
      const ofFolder = (files: Files): Files =>
        new Map([...files].filter(([path]) => path.startsWith(`dist/homelab/${folder}/`)));

      expect(forgotten?.conditions).toEqual([]);
      expect(unsetFields(bench, ofFolder(brokenFiles)).join()).toMatch(reason);
      expect(unsetFields(bench, ofFolder(good))).toEqual([]);
    },
  );

  test('holds up no other Application', async () => {
    const synced = await untilSynced(bench, others, broken);

    expect(synced).toHaveLength(others.length);
  });

  test('is over with the commit that mends it: nothing is tried for ever', async () => {
    const mended = bench.repository.commit(good, 'mended');
    await refreshAll(bench, names);

    const synced = await untilSynced(bench, names, mended, 120);

    expect(synced).toHaveLength(names.length);
  });
});

function add(files: Map<string, string>, folder: string, manifest: Manifest): void {
  files.set(`dist/homelab/${folder}/one-more.yaml`, JSON.stringify(manifest));
}

function edit(files: Map<string, string>, path: string, from: string | RegExp, to: string): void {
  const text = files.get(`dist/homelab/${path}`) ?? '';
  const edited = text.replace(from, to);
  if (edited === text) throw new Error(`${path}: expected ${from} in it, got none`);
  files.set(`dist/homelab/${path}`, edited);
}

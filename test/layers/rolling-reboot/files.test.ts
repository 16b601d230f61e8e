import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FOREIGN } from '../../../src/argo/sync-options.js';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { readCluster, writeCluster } from '../../../src/cluster/transfer.js';
import { textAt } from '../../../src/manifest/json.js';
import type { PlacedManifest } from '../../../src/manifest/manifest.js';
import { renderCluster } from '../../../src/synth/render.js';
import { homelab, objectsOf, parsed, pvek8s } from '../../support/clusters.js';
import { FULL_K3S_SPEC, FULL_MICROK8S_SPEC } from '../../support/full-clusters.js';
import { atNight, SCHEDULE } from './spec.js';

const dataOf = (cluster: Cluster, name: string, key: string): string =>
  textAt(
    objectsOf(cluster, 'rolling-reboot').find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name),
    'data',
    key,
  ) ?? '';

const full = () => parsed({ ...FULL_K3S_SPEC, reboots: { schedule: SCHEDULE } });

test.each([
  ['homelab', homelab()],
  ['pvek8s', pvek8s()],
  ['a full k3s cluster', parsed(FULL_K3S_SPEC)],
  ['a full MicroK8s cluster', parsed(FULL_MICROK8S_SPEC)],
])('%s is the same after its way into the pod', (_, cluster) => {
  expect(readCluster(writeCluster(cluster))).toEqual(cluster);
});

test('labels are still labels there, not an object without entries', () => {
  const labels = { app: 'player' };
  const cluster = atNight({ protected: [{ namespace: 'media', labels, why: 'they watch' }] });

  const [rule] = readCluster(dataOf(cluster, 'rolling-reboot-description', 'cluster.json')).reboots.protected;

  expect(rule?.labels).toEqual(new Map(Object.entries(labels)));
});

test('all that checks read of what is rendered is there: Applications, hashes of hosts, patches of others', () => {
  const cluster = full();
  const carried: readonly PlacedManifest[] = JSON.parse(dataOf(cluster, 'rolling-reboot-description', 'rendered.json'));
  const rendered = renderCluster(cluster).filter(({ application }) => application !== 'rolling-reboot');
  const named = (all: readonly PlacedManifest[], kind: string) =>
    all.filter(({ manifest }) => manifest.kind === kind).map(({ manifest }) => manifest.metadata.name);
  const foreign = (all: readonly PlacedManifest[]) =>
    all.filter(({ manifest }) => manifest.metadata.annotations?.[FOREIGN] !== undefined);
  const hash = ({ manifest }: PlacedManifest) =>
    textAt(manifest, 'spec', 'template', 'metadata', 'annotations', 'selfheal.dev/content-sha256');

  expect(named(carried, 'Application')).toEqual(named(rendered, 'Application'));
  expect(named(carried, 'Application').some((name) => name.endsWith('rolling-reboot'))).toBe(true);
  expect(foreign(carried)).toEqual(foreign(rendered));
  expect(foreign(carried).length).toBeGreaterThan(0);
  const daemonSets = (all: readonly PlacedManifest[]) =>
    all.filter(({ manifest }) => manifest.kind === 'DaemonSet').map(hash);
  expect(daemonSets(carried)).toEqual(daemonSets(rendered));
  expect(daemonSets(carried).filter((each) => each !== undefined).length).toBeGreaterThan(0);
});

test('the program is what the build made, readable, and far from what a ConfigMap can hold', () => {
  const program = dataOf(atNight(), 'rolling-reboot-program', 'rolling-reboot.cjs');

  expect(program).toBe(readFileSync('build/roll/rolling-reboot.cjs', 'utf8'));
  expect(Buffer.byteLength(program)).toBeLessThan(512 * 1024);
  // Who approves it is told how much there is to read.
  expect(readFileSync('docs/layers/rolling-reboot.md', 'utf8')).toContain(
    `one JavaScript file, ${(Buffer.byteLength(program) / 1e6).toFixed(1)} MB,`,
  );
  // Somebody has to approve it.
  expect(Math.max(...program.split('\n').map(({ length }) => length))).toBeLessThan(400);
});

test('the program brings with it all that it needs, and says what it misses', () => {
  const folder = mkdtempSync(join(tmpdir(), 'selfheal-roll-'));
  try {
    const file = join(folder, 'rolling-reboot.cjs');
    writeFileSync(file, dataOf(atNight(), 'rolling-reboot-program', 'rolling-reboot.cjs'));
    writeFileSync(join(folder, 'cluster.json'), writeCluster(atNight()));
    writeFileSync(join(folder, 'rendered.json'), '[]');
    const run = (...args: readonly string[]) =>
      spawnSync(process.execPath, [file, ...args], { cwd: folder, env: {}, encoding: 'utf8' });

    expect(run()).toMatchObject({ status: 2, stderr: expect.stringContaining('Usage: rolling-reboot.cjs') });
    expect(run(folder, folder)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('KUBERNETES_SERVICE_HOST'),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

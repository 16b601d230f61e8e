import { expect, test } from 'vitest';
import type { Cluster } from '../src/cluster/cluster.js';
import type { Json, PlacedManifest } from '../src/manifest/manifest.js';
import { renderCluster } from '../src/synth/render.js';
import { at } from './support/change.js';
import { homelab, minimal, parsed, pvek8s } from './support/clusters.js';
import { FULL_K3S_SPEC, FULL_MICROK8S_SPEC } from './support/full-clusters.js';

const CLUSTERS: readonly (readonly [string, () => Cluster])[] = [
  ['homelab', homelab],
  ['pvek8s', pvek8s],
  ['minimal', minimal],
  ['everything-on-k3s', () => parsed(FULL_K3S_SPEC)],
  ['everything-on-microk8s', () => parsed(FULL_MICROK8S_SPEC)],
];

/** The few facts of an object that a reviewer asks about first: path into the object, and what to call it. */
const FACTS: readonly (readonly [string, string])[] = [
  ['spec.replicas', 'replicas'],
  ['spec.schedule', 'schedule'],
  ['spec.timeZone', 'zone'],
  ['spec.cron', 'cron'],
  ['spec.retain', 'retain'],
  ['spec.backupTargetURL', 'target'],
  ['spec.concurrency', 'concurrency'],
  ['spec.source.path', 'path'],
  ['spec.source.chart', 'chart'],
  ['spec.source.targetRevision', 'revision'],
  ['spec.syncPolicy.automated.prune', 'prune'],
  ['spec.syncPolicy.syncOptions', 'options'],
];

function line({ application, manifest }: PlacedManifest): string {
  const { kind, metadata } = manifest;
  const options = metadata.annotations?.['argocd.argoproj.io/sync-options'];
  const foreign = metadata.annotations?.['selfheal.dev/foreign'];
  const facts = [
    ...FACTS.flatMap(([path, name]) => {
      const value = at(manifest, path) as Json | undefined; // A manifest is JSON all the way down.
      return value === undefined ? [] : [`${name}=${Array.isArray(value) ? value.join('+') : String(value)}`];
    }),
    ...(rulesIn(manifest) > 0 ? [`rules=${rulesIn(manifest)}`] : []),
    ...(foreign === undefined ? [] : [`foreign=${foreign}`]),
    ...(options === undefined ? [] : [`keep=${options.replaceAll(',', '+')}`]),
  ];
  const name = [metadata.namespace, metadata.name].filter((part) => part !== undefined).join('/');
  return [application.padEnd(20), kind.padEnd(16), name, ...facts].join(' ');
}

function rulesIn(manifest: unknown): number {
  const groups = at(manifest, 'spec.groups');
  return Array.isArray(groups) ? groups.flatMap((group: unknown) => at(group, 'rules') ?? []).length : 0;
}

test.each(CLUSTERS)('%s has the objects that were reviewed', async (name, cluster) => {
  const lines = renderCluster(cluster()).map(line).sort();

  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`golden/${name}.objects.txt`);
});

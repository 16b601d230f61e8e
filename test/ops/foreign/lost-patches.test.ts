import { describe, expect, test } from 'vitest';
import { describedPatches } from '../../../src/cluster/patches.js';
import { type Files, layOut } from '../../../src/manifest/layout.js';
import { lostPatches } from '../../../src/ops/foreign/lost-patches.js';
import { renderCluster } from '../../../src/synth/render.js';
import { homelab, pvek8s } from '../../support/clusters.js';

const filesOf = (cluster: ReturnType<typeof homelab>): Files => layOut(cluster.name, renderCluster(cluster));
const without = (files: Files, part: string): Files => new Map([...files].filter(([path]) => !path.includes(part)));
const lost = (before: Files, after: Files) =>
  lostPatches(before, after).map(({ patch, file, state }) => [patch, file, state]);

test('nothing is lost where nothing changes', () => {
  expect(lost(filesOf(homelab()), filesOf(homelab()))).toEqual([]);
});

test('an object of our own may go: Argo CD prunes it', () => {
  expect(lost(filesOf(homelab()), without(filesOf(homelab()), '/dashboards/'))).toEqual([]);
});

test('a patch whose section is dropped would be lost', () => {
  expect(lost(filesOf(homelab()), filesOf({ ...homelab(), dns: null }))).toEqual([
    ['coredns', 'homelab/coredns/deployment-coredns.yaml', 'first-commit-missing'],
  ]);
});

test('every patch of the clusters is seen, the whole one too', () => {
  const all = [homelab(), pvek8s()];
  const before: Files = new Map(all.flatMap((cluster) => [...filesOf(cluster)]));
  const after: Files = new Map(
    all.flatMap((cluster) => [...filesOf({ ...cluster, dns: null, longhorn: null, keepOff: [] })]),
  );

  expect(new Set(lost(before, after).map(([patch]) => patch))).toEqual(
    new Set(['coredns', 'longhorn-backup-target', 'longhorn-csi-spread', 'longhorn-settings', 'keep-off']),
  );
  expect(lost(before, after)).toHaveLength(9);
});

test('one Deployment of several that are kept off nodes is named by itself', () => {
  const cluster = pvek8s();
  const two = cluster.keepOff.flatMap((entry) => [entry, { ...entry, deployment: 'tunnel' }]);

  expect(lost(filesOf({ ...cluster, keepOff: two }), filesOf(cluster))).toEqual([
    ['keep-off/cloudflared/tunnel', 'pvek8s/keep-off/deployment-tunnel.yaml', 'first-commit-missing'],
  ]);
});

test('the same file with another object in it does not hide the one that goes', () => {
  const cluster = pvek8s();
  const moved = { ...cluster, keepOff: cluster.keepOff.map((entry) => ({ ...entry, namespace: 'edge' })) };

  expect(lost(filesOf(cluster), filesOf(moved))).toEqual([
    ['keep-off/cloudflared/cloudflared', 'pvek8s/keep-off/deployment-cloudflared.yaml', 'first-commit-missing'],
  ]);
});

describe('after the first of the two commits', () => {
  test('the object may go', () => {
    const cluster = homelab();
    const retiring = filesOf({ ...cluster, retiring: describedPatches(cluster) });
    const states = lost(retiring, filesOf({ ...cluster, dns: null, longhorn: null }));

    expect(states).toHaveLength(7);
    expect(new Set(states.map(([, , state]) => state))).toEqual(new Set(['retired']));
  });
});

test('a cluster whose whole description is gone takes its patches along, and they are named', () => {
  const both: Files = new Map([...filesOf(homelab()), ...filesOf(pvek8s())]);

  expect(lost(both, filesOf(homelab()))).toEqual([
    ['coredns', 'pvek8s/coredns/deployment-coredns.yaml', 'cluster-gone'],
    ['keep-off', 'pvek8s/keep-off/deployment-cloudflared.yaml', 'cluster-gone'],
  ]);
});

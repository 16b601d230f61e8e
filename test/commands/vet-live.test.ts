/** Which cluster `selfheal vet --live` asks, and that it asks no other. */
import { describe, expect, test } from 'vitest';
import { lookAtHead } from '../../src/commands/vet-live.js';
import type { KubeApi } from '../../src/live/kube-api.js';
import type { Answer, LiveObject } from '../../src/manifest/live-object.js';
import type { Manifest } from '../../src/manifest/manifest.js';
import { liveObject } from '../ops/drift/live.js';
import { treeOf } from '../ops/vet/example.js';

const tree = treeOf({});
describe('the cluster', () => {
  const answering = (answer: (name: string) => Answer<LiveObject | null>): KubeApi => ({
    context: 'admin@cellar',
    server: 'https://cellar',
    get: async ({ name }) => answer(name),
    list: async () => ({ ok: true, value: [] }),
    dryRunApply: async () => ({ ok: false, failure: { kind: 'forbidden', message: 'no' } }),
    version: async () => ({ ok: true, value: 'v1.34.4' }),
    log: async () => ({ ok: false, failure: { kind: 'forbidden', message: 'no' } }),
    now: async () => ({ ok: true, value: 0 }),
    resource: async () => ({ ok: true, value: { plural: 'things', namespaced: true } }),
    close: () => undefined,
  });
  const manifests = new Map(tree.applications.map(({ name, source }) => [name, source.manifest]));
  const withFolder = (manifest: Manifest, path: string): Manifest => ({
    ...manifest,
    spec: { source: { repoURL: 'https://git.example/attic.git', path } },
  });
  const OTHER =
    '--context: expected a cluster with the Applications of this folder (root, things), got "admin@cellar" with none of them';

  test('is another where it has none of the Applications', async () => {
    const api = answering(() => ({ ok: true, value: null }));

    await expect(lookAtHead(api, tree.applications)).rejects.toThrow(OTHER);
  });

  test('is another where they are synced from other folders', async () => {
    const api = answering((name) => {
      const manifest = manifests.get(name);
      return { ok: true, value: manifest ? liveObject(withFolder(manifest, `dist/cellar/${name}`)) : null };
    });

    await expect(lookAtHead(api, tree.applications)).rejects.toThrow(OTHER);
  });

  test('is looked at where one of them is there', async () => {
    const api = answering((name) => {
      const manifest = name === 'things' ? manifests.get(name) : undefined;
      return { ok: true, value: manifest ? liveObject(manifest) : null };
    });

    expect((await lookAtHead(api, tree.applications)).objects.length).toBeGreaterThan(0);
  });

  test('that does not answer is not taken for another', async () => {
    const api = answering(() => ({ ok: false, failure: { kind: 'unreachable', message: 'no route' } }));

    const { objects } = await lookAtHead(api, tree.applications);

    expect(objects.map(({ live }) => live)).toContainEqual({
      ok: false,
      failure: { kind: 'unreachable', message: 'no route' },
    });
  });
});

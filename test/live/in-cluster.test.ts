/** What a small program in a pod brings along when it asks the cluster that it runs in. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { inCluster } from '../../src/live/in-cluster.js';

const TIMEOUT = { seconds: 5 } as const;

/** A test beside this one may work in another folder for a while. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const packagesIn = async (...entries: readonly string[]): Promise<readonly string[]> => {
  const { metafile } = await build({
    stdin: { contents: entries.map((entry) => `export * from './${entry}';`).join('\n'), resolveDir: ROOT },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
  });
  const found = Object.keys(metafile.inputs).flatMap(
    (path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
  );
  return [...new Set(found)];
};

describe('the program', () => {
  test('is made of our own files alone, also where it acts', async () => {
    expect(await packagesIn('src/live/in-cluster.ts', 'src/live/act.ts')).toEqual([]);
  });

  test('would be seen to bring the Kubernetes client along', async () => {
    expect(await packagesIn('src/live/connect.ts')).toContain('@kubernetes/client-node');
  });
});

describe('the API server', () => {
  test('is nowhere outside a pod', () => {
    const environment = { KUBERNETES_SERVICE_HOST: '10.43.0.1' };

    expect(() => inCluster({ environment, timeout: TIMEOUT })).toThrow(
      'KUBERNETES_SERVICE_HOST and _PORT: expected the API server\'s address, got "10.43.0.1" and nothing',
    );
  });

  test.each([
    ['10.43.0.1', 'https://10.43.0.1:443'],
    ['fd00::1', 'https://[fd00::1]:443'],
  ])('is where the kubelet says, %s', (host, server) => {
    const environment = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: '443' };

    expect(inCluster({ environment, timeout: TIMEOUT }).access.server).toBe(server);
  });
});

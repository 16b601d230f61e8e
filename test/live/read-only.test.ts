/** What leaves the area that talks to clusters: GET, and PATCH as a dry run. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server.js';
import { filesIn, withoutComments } from '../support/sources.js';
import { describeWith } from '../support/tools.js';

const sources = filesIn('src/live').map((path) => [path, withoutComments(path)] as const);

describe('the sources that talk to a cluster', () => {
  test('were found, with the one that sends', () => {
    expect(sources.map(([path]) => path)).toContain('src/live/transport.ts');
  });

  test('name no method that changes anything', () => {
    const writing = sources.filter(([, text]) => /\b(POST|PUT|DELETE)\b|\bmethod: '(?!GET'|PATCH')/.test(text));

    expect(writing.map(([path]) => path)).toEqual([]);
  });

  test('send in one file only', () => {
    const sending = sources.filter(([, text]) =>
      /\brequest(Tls|Plain)?\b|\bfetch\(|http2|from 'node:net'|(?<!import \{ createSecureContext \} )from 'node:tls'/.test(
        text,
      ),
    );

    expect(sending.map(([path]) => path)).toEqual(['src/live/transport.ts']);
  });

  test('name PATCH once, with dryRun=All before anything that a caller can say', () => {
    const text = readFileSync('src/live/transport.ts', 'utf8');

    expect([...text.matchAll(/method: 'PATCH'/g)]).toHaveLength(1);
    expect(text).toMatch(/method: 'PATCH',\s+path: `\$\{path\}\?dryRun=All&\$\{query\}`/);
  });

  test('use nothing of the Kubernetes client but its kubeconfig', () => {
    const imported = sources.flatMap(([, text]) =>
      [...text.matchAll(/from '(@kubernetes\/[^']+)'/g)].map((match) => match[1]),
    );

    expect(new Set(imported)).toEqual(
      new Set(['@kubernetes/client-node/dist/config.js', '@kubernetes/client-node/dist/config_types.js']),
    );
  });
});

describeWith(['openssl'], 'an API server', () => {
  let server: FakeApiServer;

  beforeAll(async () => {
    server = await startFakeApiServer();
  });
  afterAll(() => server.close());

  test('is asked for nothing but GET and dry runs, whatever the names in a manifest', async () => {
    const api = server.api();
    const hostile = ['b', 'b?dryRun=', 'b&force=false', '../../secrets/c', 'b#', 'b%3Fx'];
    for (const name of hostile) {
      const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: name, name } };
      await api.dryRunApply(manifest, { fieldManager: 'm&dryRun=&x=' });
      await api.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: name, name });
      await api.list({ apiVersion: 'v1', kind: 'ConfigMap' }, { namespace: name, labelSelector: 'a&watch=1' });
    }
    await api.version();

    const patches = server.questions.filter(({ method }) => method === 'PATCH');
    expect(new Set(server.questions.map(({ method }) => method))).toEqual(new Set(['GET', 'PATCH']));
    expect(patches).toHaveLength(hostile.length);
    expect(patches.map(({ query }) => query.getAll('dryRun'))).toEqual(hostile.map(() => ['All']));
    expect(patches.map(({ query }) => query.getAll('force'))).toEqual(hostile.map(() => ['true']));
    expect(patches.map(({ path }) => path.split('/').length)).toEqual(hostile.map(() => 7));
    expect(server.questions.flatMap(({ query }) => query.getAll('watch'))).toEqual([]);
  });
});

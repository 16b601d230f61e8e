/** Who can change a cluster: `reboot` alone. Whatever else asks one sends GET, and PATCH as a dry run. */
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server.js';
import { filesIn, withoutComments } from '../support/sources.js';
import { describeWith } from '../support/tools.js';

const sources = filesIn('src/live').map((path) => [path, withoutComments(path)] as const);

/** It decides what may be sent that changes something. */
const WRITER = 'src/live/writer.ts';

/** It makes of that what a verb may do, and is the only door to it. */
const DOOR = 'src/live/act.ts';

/** Who may open the door, and only while it runs. */
const MAY_ACT = /^src\/commands\/reboot(-[a-z-]+)?\.ts$/;

interface Imports {
  readonly always: readonly string[];
  /** By `import()`. */
  readonly whenCalled: readonly string[];
}

const importsIn = (path: string): Imports => {
  const text = withoutComments(path);
  const found = (pattern: RegExp): readonly string[] =>
    [...text.matchAll(pattern)].flatMap(([, specifier = '']) =>
      specifier.startsWith('.') ? [relative('.', join(dirname(path), specifier)).replace(/\.js$/, '.ts')] : [],
    );
  // A type is gone when the program runs: whoever names one reaches nothing by it.
  return {
    always: found(/(?:^|\n)(?:import|export)(?! type\b)[^;'"]*?(?:from\s*)?['"]([^'"]+)['"]/g),
    whenCalled: found(/\bimport\(\s*['"`]([^'"`]+)['"`]\s*\)/g),
  };
};

const all = new Map(
  filesIn('src')
    .filter((path) => path.endsWith('.ts'))
    .map((path) => [path, importsIn(path)] as const),
);

/** Every file that is loaded when this one is. */
function loadedBy(entry: string): ReadonlySet<string> {
  const loaded = new Set([entry]);
  for (const path of loaded) for (const next of all.get(path)?.always ?? []) loaded.add(next);
  return loaded;
}

const importersOf = (target: string): readonly string[] =>
  [...all]
    .filter(([, { always, whenCalled }]) => always.includes(target) || whenCalled.includes(target))
    .map(([path]) => path);

describe('the sources that talk to a cluster', () => {
  test('were found, with those that send', () => {
    expect(sources.map(([path]) => path)).toEqual(
      expect.arrayContaining(['src/live/sender.ts', 'src/live/transport.ts', WRITER, DOOR]),
    );
  });

  test('name no method that changes anything, but behind the door', () => {
    const writing = sources.filter(([, text]) => /\b(POST|PUT|DELETE)\b|\bmethod: '(?!GET'|PATCH')/.test(text));

    expect(writing.map(([path]) => path)).toEqual([DOOR, WRITER]);
  });

  test('send in one file only', () => {
    const sending = sources.filter(([, text]) =>
      /\brequest(Tls|Plain)\b|\bfetch\(|http2|from 'node:net'|(?<!import \{ createSecureContext \} )from 'node:tls'/.test(
        text,
      ),
    );

    expect(sending.map(([path]) => path)).toEqual(['src/live/sender.ts']);
  });

  test('name PATCH once beside the writer, with dryRun=All before anything that a caller can say', () => {
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

describe('the writer', () => {
  test.each(['src/cli.ts', 'src/main.ts', 'src/roll-main.ts', 'src/index.ts', 'src/live/connect.ts'])(
    'is not loaded by %s',
    (entry) => {
      const loaded = loadedBy(entry);

      expect(all.has(entry)).toBe(true);
      expect(loaded.size).toBeGreaterThan(5);
      expect([...loaded].filter((path) => path === WRITER || path === DOOR)).toEqual([]);
    },
  );

  test('sends by the sender, which only the reading transport shares', () => {
    const sending = [...all].filter(([path]) =>
      /import (?!type\b)[^;]*\bcreateSender\b[^;]*from/.test(withoutComments(path)),
    );

    // Who makes a sender hands it on and asks nothing of it.
    expect(sending.map(([path]) => path)).toEqual([DOOR, 'src/live/connect.ts']);
    expect(
      sources.filter(([, text]) => /\bsender\.send\b|\{[^}]*\bsend\b[^}]*\} = /.test(text)).map(([path]) => path),
    ).toEqual(['src/live/transport.ts', WRITER]);
  });

  test('is behind one door', () => {
    expect(importersOf(WRITER)).toEqual([DOOR]);
  });

  test('is let in by the verb that acts, and while that runs', () => {
    expect(importersOf(DOOR).filter((path) => !MAY_ACT.test(path))).toEqual([]);
    expect([...all].filter(([, { always }]) => always.includes(DOOR)).map(([path]) => path)).toEqual([]);
  });

  test('is not reached under a name that is put together', () => {
    const computed = [...all.keys()].filter((path) =>
      /\bimport\((?!\s*'[^']+'\s*\))|\bcreateRequire\b|\brequire\(/.test(withoutComments(path)),
    );

    // It loads the clusters' files, as the person who wrote them has them.
    expect(computed).toEqual(['src/synth/load-clusters.ts']);
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

/** Rules about the code itself, over every file that there is. Those about scripts: scripts.test.ts. */
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesIn, withoutComments } from './support/sources.js';

const sources = filesIn('src').filter((path) => path.endsWith('.ts'));
const scripts = filesIn('src/layers').filter((path) => path.split('/').includes('scripts'));

/** Area of `src` to the areas that it may import; `imports` is the generated folder beside it. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['commands'],
  'cli.ts': ['commands'],
  'roll-main.ts': ['commands'],
  'index.ts': ['cluster', 'layers', 'synth'],
  'errors.ts': [],
  cluster: [],
  clusters: ['cluster'],
  manifest: ['cluster', 'errors.ts'],
  host: ['cluster'],
  argo: ['manifest', 'cluster', 'imports', 'errors.ts'],
  repository: ['manifest', 'cluster', 'errors.ts'],
  layers: ['argo', 'host', 'manifest', 'cluster', 'imports'],
  guardrails: ['argo', 'host', 'manifest', 'cluster'],
  synth: ['layers', 'guardrails', 'argo', 'host', 'manifest', 'cluster', 'errors.ts'],
  // Of argo only data and the words of sync options: see the rule below.
  ops: ['manifest', 'cluster', 'guardrails', 'host', 'argo'],
  live: ['manifest', 'cluster', 'errors.ts'],
  commands: ['ops', 'live', 'repository', 'argo', 'synth', 'layers', 'guardrails', 'manifest', 'cluster', 'errors.ts'],
};

const areaOf = (path: string): string => path.split('/')[path.startsWith('src/') ? 1 : 0] ?? '';

interface Import {
  readonly from: string;
  readonly specifier: string;
}

const importsOf = (path: string): readonly Import[] =>
  [
    ...readFileSync(path, 'utf8').matchAll(
      /(?:^|\n)(?:import|export)[^;'"]*?from\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|(?:^|\n)import '([^']+)'/g,
    ),
  ].map((match) => ({ from: path, specifier: match[1] ?? match[2] ?? match[3] ?? '' }));

const target = ({ from, specifier }: Import): string =>
  specifier.startsWith('.') ? relative('.', join(dirname(from), specifier)) : specifier;

describe('the scan', () => {
  test('found the sources and what they import', () => {
    expect(sources).toContain('src/layers/index.ts');
    expect(sources).toContain('src/cli.ts');
    expect(sources.flatMap(importsOf).length).toBeGreaterThan(sources.length);
    expect(importsOf('src/synth/compile.ts').map(({ specifier }) => specifier)).toContain('esbuild');
  });

  test('found the scripts', () => {
    expect(scripts.length).toBeGreaterThan(0);
  });
});

describe.each(sources)('%s', (path) => {
  const local = importsOf(path).filter(({ specifier }) => specifier.startsWith('.'));

  test('imports only from the areas that it may', () => {
    const allowed = MAY_IMPORT[areaOf(path)] ?? [`a rule for '${areaOf(path)}' in this test`];
    const elsewhere = local.map(target).filter((imported) => areaOf(imported) !== areaOf(path));

    expect(
      elsewhere.filter(
        (imported) =>
          !allowed.includes(areaOf(imported)) && !allowed.includes(areaOf(imported).replace(/\.js$/, '.ts')),
      ),
    ).toEqual([]);
  });

  test('imports with the ending that Node asks for', () => {
    expect(local.filter(({ specifier }) => !specifier.endsWith('.js'))).toEqual([]);
  });

  test('is at most 400 lines long', () => {
    expect(readFileSync(path, 'utf8').split('\n').length).toBeLessThanOrEqual(400);
  });

  test('says in its first lines what it is for', () => {
    expect(readFileSync(path, 'utf8')).toMatch(/^(#!.*\n)?\/\*\*/);
  });
});

describe('what is exported', () => {
  const code = ['src', 'test', 'tools']
    .flatMap(filesIn)
    .filter((path) => /\.(ts|mjs)$/.test(path) && path !== 'test/architecture.test.ts');
  const texts = new Map(code.map((path) => [path, readFileSync(path, 'utf8')]));
  const exported = [...texts].flatMap(([path, text]) =>
    [...text.matchAll(/^export (?:const|function\*?|async function|class|interface|type) (\w+)/gm)].map(
      ([, name = '']) => ({ path, name }),
    ),
  );

  test('was found, in the tests too', () => {
    expect(exported).toContainEqual({ path: 'src/layers/script.ts', name: 'readScript' });
    expect(exported).toContainEqual({ path: 'test/support/clusters.ts', name: 'homelab' });
  });

  test('is used outside its file', () => {
    const unused = exported.filter(({ path, name }) => {
      const word = new RegExp(`\\b${name}\\b`);
      return ![...texts].some(([other, text]) => other !== path && word.test(text));
    });

    expect(unused.map(({ path, name }) => `${path} ${name}`)).toEqual(NAMED_BY_DECLARATIONS);
  });
});

/** The compiler writes these names into the declarations of parsers, whose types are inferred. */
const NAMED_BY_DECLARATIONS = ['src/cluster/parse/fields.ts Optional', 'src/cluster/parse/parser.ts Result'];

test('no layer imports another layer', () => {
  const layerOf = (path: string): string | undefined => /^src\/layers\/([^/]+)\//.exec(path)?.[1];
  const crossing = sources
    .filter((path) => layerOf(path) !== undefined)
    .flatMap((path) =>
      importsOf(path)
        .filter((found) => found.specifier.startsWith('.'))
        .map((found) => [path, target(found)] as const),
    )
    .filter(([path, imported]) => layerOf(imported) !== undefined && layerOf(imported) !== layerOf(path));

  expect(crossing).toEqual([]);
});

test('only the entry points touch the process', () => {
  const touching = sources.filter((path) => /\bprocess\.|from 'node:process'/.test(withoutComments(path)));

  expect(touching).toEqual(['src/cli.ts', 'src/main.ts', 'src/roll-main.ts']);
});

test('a verb decides with data: ops takes only trees and words of argo', () => {
  const taken = sources
    .filter((path) => areaOf(path) === 'ops')
    .flatMap(importsOf)
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(target)
    .filter((imported) => areaOf(imported) === 'argo');

  expect([...new Set(taken)].sort()).toEqual([
    'src/argo/sync-options.js',
    'src/argo/sync-policy.js',
    'src/argo/tree.js',
  ]);
});

test('only live/ talks to a Kubernetes API', () => {
  const importing = sources.filter((path) =>
    importsOf(path).some(({ specifier }) => specifier.startsWith('@kubernetes/')),
  );

  expect(importing.filter((path) => areaOf(path) !== 'live')).toEqual([]);
});

test('nothing reads a clock, a random number or a locale on the way to the manifests', () => {
  const impure = /\bDate\.now|new Date\(\)|Math\.random|toLocale|localeCompare|performance\.now/;

  expect(sources.filter((path) => impure.test(withoutComments(path)))).toEqual([]);
});

/** The objects of a cluster are kept with a hash of the program and of the layers' scripts: whatever else is read would be missed. */
test('on the way to the manifests only the scripts of the layers are read from a disk', () => {
  const reading = sources.filter(
    (path) =>
      ['layers', 'argo', 'host', 'manifest', 'cluster'].includes(areaOf(path)) &&
      importsOf(path).some(({ specifier }) => specifier.startsWith('node:fs')),
  );

  expect(reading).toEqual(['src/layers/script.ts']);
});

test('no JSON patch is applied: one on a typed object can vanish without an error', () => {
  expect(sources.filter((path) => withoutComments(path).includes('addJsonPatch'))).toEqual([]);
});

/** What a module made once and somebody changed later would be another output for the same description. */
test('no module keeps state that changes', () => {
  expect(sources.filter((path) => /^(export )?(let|var) /m.test(readFileSync(path, 'utf8')))).toEqual([]);
});

test('nothing is cast past the compiler: no any, no assertion that something is there', () => {
  const cast = /[:<|] ?any\b(?!\()|\bas any\b|[\w\])]!(?=[.;,)\]\s[])/;

  expect(cast.test('const a: any = b;') && cast.test('a!.b') && cast.test('first(x)!;')).toBe(true);
  expect(
    sources.filter((path) => cast.test(withoutComments(path).replaceAll(/'[^'\n]*'|`[^`]*`|\/.+\//g, ''))),
  ).toEqual([]);
});

/** A guardrail's lesson tells what happened, and to whom, like a comment. */
test('what is particular to the reference clusters stands in their two files', () => {
  const particular =
    /jarvis|ultron|homelab\b(?!\.ts)|victor|k8s0\d|pvek8s|pgmac|10\.0\.1\.\d|192\.168\.0\.\d|vaultwarden|cloudflared|Brisbane|kube-prom-stack/i;
  const named = [...sources, ...scripts]
    .filter((path) => areaOf(path) !== 'clusters')
    .filter((path) =>
      particular.test(withoutComments(path).replaceAll(/^ +(lesson|incident|anchor):\s+['"`].*$/gm, '')),
    );

  expect(named).toEqual([]);
});

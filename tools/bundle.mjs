/**
 * Bundles the command line, and compiles it ahead of time.
 *
 * Module look-ups, source maps and compiling are most of cdk8s's start-up time. V8's code cache is made after runs, so
 * that it also holds the functions that a synth and a look at a cluster need. Another Node than this one refuses it and
 * compiles as usual.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { bundleRollProgram } from './roll-program.mjs';

const FOLDER = 'build/bin';

/** Of cdk8s-plus only the generated types are used; its constructs would be loaded and never called. */
const onlyGeneratedTypes = {
  name: 'only-generated-types',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^cdk8s-plus-28$/ }, () => ({ path: 'cdk8s-plus-28', namespace: 'generated-types' }));
    onLoad({ filter: /.*/, namespace: 'generated-types' }, () => ({
      contents: "export * as k8s from 'cdk8s-plus-28/lib/imports/k8s.js';",
      resolveDir: '.',
    }));
  },
};

/** Parts of cdk8s that a synth never calls, and what each brings along: YAML's reader, child processes. */
const CDK8S_WHEN_CALLED = { yaml: 'Yaml', helm: 'Helm', include: 'Include' };

/** Loads what a synth does not call when somebody does call it: three quarters of all modules. */
const whenCalled = {
  name: 'when-called',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^yaml$/, namespace: 'file' }, ({ importer }) =>
      importer.includes('node_modules') ? undefined : { path: 'yaml', namespace: 'when-called' },
    );
    onLoad({ filter: /^yaml$/, namespace: 'when-called' }, () => ({
      contents: ['isScalar', 'parse', 'parseAllDocuments', 'visit']
        .map((name) => `export const ${name} = (...args) => require('yaml').${name}(...args);`)
        .join('\n'),
      resolveDir: '.',
    }));
    onLoad({ filter: /cdk8s[/\\]lib[/\\](yaml|helm|include)\.js$/ }, ({ path }) => {
      const name = basename(path, '.js');
      return {
        contents: `Object.defineProperty(exports, '${CDK8S_WHEN_CALLED[name]}', {
          enumerable: true, get: () => require('cdk8s-when-called:${name}').${CDK8S_WHEN_CALLED[name]} });`,
        resolveDir: '.',
      };
    });
    onResolve({ filter: /^cdk8s-when-called:/ }, ({ path }) => ({
      path: path.replace(/^.*:/, ''),
      namespace: 'cdk8s-when-called',
    }));
    onLoad({ filter: /.*/, namespace: 'cdk8s-when-called' }, ({ path }) => ({
      contents: readFileSync(`node_modules/cdk8s/lib/${path}.js`, 'utf8'),
      resolveDir: 'node_modules/cdk8s/lib',
    }));
  },
};

/** Of the Kubernetes client only the kubeconfig's credentials are used: not its API types, nor its own requests and YAML. */
const onlyCredentials = {
  name: 'only-credentials',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(\.\/gen\/index\.js|node-fetch|js-yaml)$/ }, ({ path, importer }) =>
      /@kubernetes[/\\]client-node[/\\]dist[/\\][^/\\]+$/.test(importer)
        ? { path, namespace: 'never-called' }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'never-called' }, () => ({ contents: 'module.exports = {};' }));
    onResolve({ filter: /^(socks-proxy-agent|hpagent)$/, namespace: 'file' }, ({ path, importer }) =>
      importer.includes('@kubernetes') ? { path, namespace: 'proxies-when-called' } : undefined,
    );
    // Who constructs one gets the real one: a constructor may return another object.
    onLoad({ filter: /.*/, namespace: 'proxies-when-called' }, ({ path }) => ({
      contents: ['SocksProxyAgent', 'HttpProxyAgent', 'HttpsProxyAgent']
        .map((name) => `export function ${name}(...args) { return new (require('${path}').${name})(...args); }`)
        .join('\n'),
      resolveDir: '.',
    }));
  },
};

mkdirSync(FOLDER, { recursive: true });
// First: a synth, which makes the code cache below, may read it.
await bundleRollProgram('build/roll');
const { outputFiles } = await build({
  entryPoints: ['src/cli.ts'],
  write: false,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  external: ['esbuild'],
  plugins: [onlyGeneratedTypes, onlyCredentials, whenCalled],
  supported: { 'dynamic-import': false }, // A script from V8's code cache has no import().
  // CommonJS has no import.meta: the program's own place is what readScript asks for.
  define: { 'import.meta.url': '__programUrl', 'import.meta.programHash': '__programHash' },
  banner: { js: "const __programUrl=require('node:url').pathToFileURL(__filename).href;" },
});
const [{ contents: program }] = outputFiles;
const hash = createHash('sha256').update(program).digest('hex');
writeFileSync(`${FOLDER}/program.cjs`, Buffer.concat([Buffer.from(`const __programHash='${hash}';\n`), program]));
// CommonJS: Node's loader of ES modules takes longer to start than a verb that has nothing to do.
writeFileSync(
  `${FOLDER}/selfheal.cjs`,
  `#!/usr/bin/env node
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const filename = join(__dirname, 'program.cjs');
// A look at a cluster renders nothing as a rule: half of what the others need is not read for it.
const cache = join(__dirname, process.argv[2] === 'drift' ? 'drift.cache' : 'program.cache');
const read = (file) => {
  try {
    return readFileSync(file);
  } catch {
    // Not made yet, or not packed: V8 compiles the program.
    return undefined;
  }
};
const script = new Script('(function (require, __filename, __dirname, module, exports) {' + readFileSync(filename, 'utf8') + '\\n})', {
  filename,
  cachedData: read(cache),
});
const program = { exports: {} };
script.runInThisContext()(require, filename, __dirname, program, program.exports);

// Asked for by tools/bundle.mjs.
if (process.env.SELFHEAL_WRITE_CODE_CACHE) {
  const { writeFileSync } = require('node:fs');
  process.once('exit', () => writeFileSync(cache, script.createCachedData()));
}
`,
);
chmodSync(`${FOLDER}/selfheal.cjs`, 0o755);

for (const cache of ['program', 'drift']) rmSync(`${FOLDER}/${cache}.cache`, { force: true });
const scratch = mkdtempSync(join(tmpdir(), 'selfheal-bundle-'));
// A server that nobody is: what asks a cluster, and what says that there is no answer, is compiled as well.
const nobody = {
  clusters: [{ name: 'nobody', cluster: { server: 'https://127.0.0.1:9' } }],
  users: [{ name: 'nobody', user: {} }],
  contexts: [{ name: 'nobody', context: { cluster: 'nobody', user: 'nobody' } }],
};
writeFileSync(join(scratch, 'kubeconfig'), JSON.stringify(nobody));
const drift = ['drift', '--cluster', 'homelab', '--context', 'nobody', '--kubeconfig', join(scratch, 'kubeconfig')];
const writing = { SELFHEAL_WRITE_CODE_CACHE: '1' };
for (const [args, more] of [
  [['synth', '--out', join(scratch, 'dist')], writing],
  [drift, {}], // Keeps what the description renders to, so that the next one does not render.
  [drift, writing],
]) {
  spawnSync(process.execPath, [`${FOLDER}/selfheal.cjs`, ...args], {
    env: { ...process.env, ...more },
    stdio: 'ignore', // What it says of the clusters is said again by the run that the person asked for.
  });
}
rmSync(scratch, { recursive: true, force: true });

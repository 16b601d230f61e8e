/**
 * Cluster descriptions from files.
 *
 * TypeScript is turned into JavaScript by esbuild, because Node 20 cannot read it; the result is kept below
 * node_modules/.cache with the hash of every file that went into it, so that an unchanged description costs no compiler.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Cluster } from '../cluster/cluster.js';
import { parseCluster } from '../cluster/parse/cluster.js';
import { type Issue, show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';

const CLUSTER_FILE = /^(?!.*\.(test|d)\.)[^._].*\.(ts|mts|js|mjs|json)$/;

/**
 * Reads every description in a folder, in the order of the file names.
 *
 * @throws OperatorError with all issues of all files at once.
 */
export async function loadClusters(folder: string): Promise<readonly Cluster[]> {
  const files = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => CLUSTER_FILE.test(name))
        .sort()
    : [];
  if (files.length === 0) {
    throw new OperatorError(
      `clusters '${folder}': expected a folder with a description of a cluster, got ${existsSync(folder) ? 'none in it' : 'no such folder'}`,
      ['name the folder with --clusters, or see "Describe your own cluster" in the README'],
    );
  }
  const parsed = await Promise.all(
    files.map(async (name) => ({ name, result: parseCluster(await loadFile(join(folder, name))) })),
  );
  const clusters = parsed.flatMap(({ name, result }) => (result.ok ? [{ name, cluster: result.value }] : []));
  const issues = [
    ...parsed.flatMap(({ name, result }) =>
      result.ok ? [] : result.issues.map((issue) => format(join(folder, name), issue)),
    ),
    ...clusters.flatMap(({ name, cluster }, index) => {
      const first = clusters.find((other) => other.cluster.name === cluster.name);
      return first && clusters.indexOf(first) < index
        ? [
            format(join(folder, name), {
              path: 'name',
              message: `expected a name of its own, got ${show(cluster.name)} which ${first.name} has`,
            }),
          ]
        : [];
    }),
  ];
  if (issues.length > 0)
    throw new OperatorError(
      `${issues.length} ${issues.length === 1 ? 'problem' : 'problems'} in the description`,
      issues,
    );
  return clusters.map(({ cluster }) => cluster);
}

const format = (file: string, { path, message }: Issue): string =>
  `${file}: ${path === '' ? '' : `${path}: `}${message}`;

async function loadFile(file: string): Promise<unknown> {
  try {
    if (file.endsWith('.json')) return JSON.parse(readFileSync(file, 'utf8'));
    const module: unknown = await import(
      `data:text/javascript;base64,${Buffer.from(await compile(file)).toString('base64')}`
    );
    return typeof module === 'object' && module !== null ? Reflect.get(module, 'default') : undefined;
  } catch (error) {
    throw new OperatorError(
      `cluster file '${file}': expected a module that exports a description by default, got ${firstLine(error)}`,
      [],
      { cause: error },
    );
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

interface Compiled {
  /** Absolute path to hash of the content. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly code: string;
}

async function compile(file: string): Promise<string> {
  const cacheFile = cachePath(file);
  const cached = cacheFile === undefined ? undefined : readCache(cacheFile);
  if (
    cached !== undefined &&
    Object.entries(cached.inputs).every(([path, hash]) => existsSync(path) && hashOf(path) === hash)
  ) {
    return cached.code;
  }
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    entryPoints: [file],
    absWorkingDir: resolve('.'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
    metafile: true,
    write: false,
    // The library's entry would load all of cdk8s; a description needs the one function of it.
    plugins: [
      {
        name: 'selfheal',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^selfheal$/ }, () => ({ path: 'selfheal', namespace: 'selfheal' }));
          onLoad({ filter: /.*/, namespace: 'selfheal' }, () => ({
            contents: 'export const defineCluster = (spec) => spec;',
          }));
        },
      },
    ],
  });
  const code = outputFiles[0]?.text ?? '';
  const inputs = Object.keys(metafile.inputs).filter((input) => !input.startsWith('selfheal:'));
  if (cacheFile !== undefined)
    writeCache(cacheFile, { inputs: Object.fromEntries(inputs.map((input) => [resolve(input), hashOf(input)])), code });
  return code;
}

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Below the nearest node_modules, or nowhere. */
function cachePath(file: string): string | undefined {
  for (let folder = dirname(resolve(file)); ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules');
    if (existsSync(modules))
      return join(
        modules,
        '.cache',
        'selfheal',
        `${relative(folder, resolve(file)).replaceAll(/[^A-Za-z0-9.]+/g, '-')}.json`,
      );
    if (dirname(folder) === folder) return undefined;
  }
}

function readCache(path: string): Compiled | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Compiled; // Written by this module and by nothing else.
  } catch {
    // Missing or cut short: compiled anew.
    return undefined;
  }
}

function writeCache(path: string, compiled: Compiled): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.${randomUUID()}`;
    writeFileSync(temporary, JSON.stringify(compiled));
    renameSync(temporary, path);
  } catch {
    // A read-only checkout: the next run compiles again.
  }
}

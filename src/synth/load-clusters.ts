/** Cluster descriptions from files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { compileFunction } from 'node:vm';
import type { Message } from 'esbuild';
import type { Cluster } from '../cluster/cluster.js';
import { parseCluster } from '../cluster/parse/cluster.js';
import { show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import { compile, compileText } from './compile.js';

const CLUSTER_FILE = /^(?!.*\.(test|d)\.)[^._].*\.(ts|mts|js|mjs|json)$/;

export interface Description {
  readonly file: string;
  readonly cluster: Cluster;
}

/** The clusters of `loadDescriptions`. */
export const loadClusters = async (folder: string): Promise<readonly Cluster[]> =>
  (await loadDescriptions(folder)).map(({ cluster }) => cluster);

/** What a file would describe with another text; null where that would be no description. */
export async function clusterOfText(file: string, text: string): Promise<Cluster | null> {
  const read = await described(file, async () =>
    file.endsWith('.json') ? JSON.parse(text) : evaluate(await compileText(text, file), file),
  );
  return read.ok ? read.cluster : null;
}

/**
 * Reads every description in a folder, in the order of the file names.
 *
 * @throws OperatorError with all issues of all files at once.
 */
export async function loadDescriptions(folder: string): Promise<readonly Description[]> {
  const files = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => CLUSTER_FILE.test(name))
        .sort()
    : [];
  if (files.length === 0) {
    throw new OperatorError(
      `clusters '${folder}': expected a folder with a description of a cluster, got ${existsSync(folder) ? 'none in it' : 'no such folder'}`,
      [
        'name the folder with --clusters, or see "Describe your own cluster" in the README',
        'a description ends in .ts, .mts, .js, .mjs or .json and does not begin with "_" or "."',
      ],
    );
  }
  const read = await Promise.all(
    files.map(async (name) => ({ name, result: await readDescription(join(folder, name)) })),
  );
  const clusters = read.flatMap(({ name, result }) => (result.ok ? [{ name, cluster: result.cluster }] : []));
  const problems = [
    ...read.flatMap(({ result }) => (result.ok ? [] : result.problems)),
    ...clusters.flatMap(({ name, cluster }, index) => {
      const first = clusters.find((other) => other.cluster.name === cluster.name);
      return first && clusters.indexOf(first) < index
        ? [`${join(folder, name)}: name: expected a name of its own, got ${show(cluster.name)} which ${first.name} has`]
        : [];
    }),
  ];
  if (problems.length > 0)
    throw new OperatorError(
      `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} in the description`,
      problems,
    );
  return clusters.map(({ name, cluster }) => ({ file: join(folder, name), cluster }));
}

type Read =
  | { readonly ok: true; readonly cluster: Cluster }
  /** A line each, with its place. */
  | { readonly ok: false; readonly problems: readonly string[] };

const readDescription = (file: string): Promise<Read> =>
  described(file, async () =>
    file.endsWith('.json') ? JSON.parse(readFileSync(file, 'utf8')) : evaluate(await compile(file), file),
  );

async function described(file: string, load: () => Promise<unknown>): Promise<Read> {
  let description: unknown;
  try {
    description = await load();
  } catch (error) {
    return { ok: false, problems: compilerProblems(error) ?? [`${file}: ${unreadable(file, error)}`] };
  }
  if (description === undefined) return { ok: false, problems: [`${file}: ${NO_DESCRIPTION}`] };
  const parsed = parseCluster(description);
  return parsed.ok
    ? { ok: true, cluster: parsed.value }
    : {
        ok: false,
        problems: parsed.issues.map(({ path, message }) => `${file}: ${path === '' ? '' : `${path}: `}${message}`),
      };
}

const NO_DESCRIPTION =
  'expected "export default defineCluster({ … })", got no default export (a file that is no description begins with "_")';

/** What esbuild says; the file may be one that the description imports. */
function compilerProblems(error: unknown): readonly string[] | undefined {
  if (!(error instanceof Error && 'errors' in error && Array.isArray(error.errors))) return undefined;
  return error.errors.map(({ text, location }: Message) =>
    location === null ? text : `${location.file}:${location.line}:${location.column + 1}: ${text}`,
  );
}

function unreadable(file: string, error: unknown): string {
  const [got = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return `expected ${file.endsWith('.json') ? 'JSON' : 'a module that exports a description by default'}, got ${got}`;
}

/** What the module exports by default. */
function evaluate(code: string, file: string): unknown {
  const module: { exports: unknown } = { exports: {} };
  const wrapped = compileFunction(code, ['module', 'exports', 'require'], { filename: file });
  wrapped(module, module.exports, createRequire(resolve(file)));
  return typeof module.exports === 'object' && module.exports !== null
    ? Reflect.get(module.exports, 'default')
    : undefined;
}

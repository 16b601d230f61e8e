/** Cluster descriptions from files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { compileFunction } from 'node:vm';
import type { Cluster } from '../cluster/cluster.js';
import { parseCluster } from '../cluster/parse/cluster.js';
import { type Issue, show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import { compile } from './compile.js';

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
    return evaluate(await compile(file), file);
  } catch (error) {
    throw new OperatorError(
      `cluster file '${file}': expected a module that exports a description by default, got ${firstLine(error)}`,
      [],
      { cause: error },
    );
  }
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

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

/**
 * A description as a CommonJS module, with everything that it imports.
 *
 * Node 20 cannot read TypeScript, so esbuild turns it into JavaScript. The result is kept below node_modules/.cache
 * with the hash of every file that went into it: an unchanged description costs no compiler.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';
import { cachePath, keep, readKept } from './cache.js';

export async function compile(file: string): Promise<string> {
  const cacheFile = cachePath(file);
  const kept = cacheFile === undefined ? undefined : readKept(cacheFile, isKept);
  if (kept !== undefined && resolve(file) in kept.inputs && isUnchanged(kept)) return kept.code;

  const { code, metafile } = await bundled({ entryPoints: [file] });
  const inputs = Object.keys(metafile.inputs)
    .filter((input) => !input.startsWith(`${SELFHEAL.name}:`))
    .map((input) => [resolve(input), hashOf(input)]);
  if (cacheFile !== undefined) {
    keep(cacheFile, { form: FORM, inputs: Object.fromEntries(inputs), code } satisfies Kept);
  }
  return code;
}

/** The same for a text that the file could have. */
export async function compileText(text: string, file: string): Promise<string> {
  const loader = /\.m?ts$/.test(file) ? 'ts' : 'js';
  const stdin = { contents: text, resolveDir: dirname(resolve(file)), sourcefile: file, loader } as const;
  return (await bundled({ stdin })).code;
}

async function bundled(entry: Pick<BuildOptions, 'entryPoints' | 'stdin'>) {
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    ...entry,
    absWorkingDir: resolve('.'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    logLevel: 'silent',
    metafile: true,
    write: false,
    plugins: [SELFHEAL],
  });
  return { code: outputFiles[0]?.text ?? '', metafile };
}

/** The library's entry would load all of cdk8s; a description needs the one function of it. */
const SELFHEAL: Plugin = {
  name: 'selfheal',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^selfheal$/ }, () => ({ path: 'selfheal', namespace: 'selfheal' }));
    onLoad({ filter: /.*/, namespace: 'selfheal' }, () => ({
      contents: 'export const defineCluster = (spec) => spec;',
    }));
  },
};

/** To be counted up when the same input gives other code. */
const FORM = 2;

interface Kept {
  readonly form: typeof FORM;
  /** Absolute path to hash of the content. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly code: string;
}

const isUnchanged = ({ inputs }: Kept): boolean =>
  Object.entries(inputs).every(([path, hash]) => existsSync(path) && hashOf(path) === hash);

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

const isKept = (value: unknown): value is Kept =>
  typeof value === 'object' &&
  value !== null &&
  Reflect.get(value, 'form') === FORM &&
  typeof Reflect.get(value, 'code') === 'string' &&
  typeof Reflect.get(value, 'inputs') === 'object' &&
  Reflect.get(value, 'inputs') !== null;

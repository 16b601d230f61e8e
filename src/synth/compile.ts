/**
 * A description as a CommonJS module, with everything that it imports.
 *
 * Node 20 cannot read TypeScript, so esbuild turns it into JavaScript. The result is kept below node_modules/.cache
 * with the hash of every file that went into it: an unchanged description costs no compiler.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';

export async function compile(file: string): Promise<string> {
  const cacheFile = cachePath(file);
  const kept = cacheFile === undefined ? undefined : readKept(cacheFile);
  if (kept !== undefined && resolve(file) in kept.inputs && isUnchanged(kept)) return kept.code;

  const { code, metafile } = await bundled({ entryPoints: [file] });
  const inputs = Object.keys(metafile.inputs)
    .filter((input) => !input.startsWith(`${SELFHEAL.name}:`))
    .map((input) => [resolve(input), hashOf(input)]);
  if (cacheFile !== undefined) keep(cacheFile, { form: FORM, inputs: Object.fromEntries(inputs), code });
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

/** Below the nearest node_modules, or nowhere. */
function cachePath(file: string): string | undefined {
  for (let folder = dirname(resolve(file)); ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules');
    if (existsSync(modules)) {
      const name = relative(folder, resolve(file)).replaceAll(/[^A-Za-z0-9.]+/g, '-');
      return join(modules, '.cache', 'selfheal', `${name}.json`);
    }
    if (dirname(folder) === folder) return undefined;
  }
}

function readKept(path: string): Kept | undefined {
  try {
    const kept: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isKept(kept) ? kept : undefined;
  } catch {
    // Missing or cut short: compiled anew.
    return undefined;
  }
}

const isKept = (value: unknown): value is Kept =>
  typeof value === 'object' &&
  value !== null &&
  Reflect.get(value, 'form') === FORM &&
  typeof Reflect.get(value, 'code') === 'string' &&
  typeof Reflect.get(value, 'inputs') === 'object' &&
  Reflect.get(value, 'inputs') !== null;

function keep(path: string, kept: Kept): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.${randomUUID()}`;
    writeFileSync(temporary, JSON.stringify(kept));
    renameSync(temporary, path);
  } catch {
    // A read-only checkout: the next run compiles again.
  }
}

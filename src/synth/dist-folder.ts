/**
 * `dist/` on disk: compared without writing, or replaced as a whole.
 *
 * The new tree is written beside the old one and takes its place by two renames. A folder that holds anything but
 * files of ours is never replaced.
 */
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import type { Files } from '../manifest/layout.js';
import { HEADER } from '../manifest/yaml.js';

interface Difference {
  readonly path: string;
  readonly kind: 'missing' | 'changed' | 'stale';
}

/**
 * What would change if the files were written, in the order of the paths.
 *
 * @throws OperatorError when the folder is a file or a link.
 */
export function compareFolder(folder: string, files: Files): readonly Difference[] {
  const present = new Set(isFolder(folder) ? listFiles(folder) : []);
  const differences = [
    ...[...files].flatMap(([path, content]): Difference[] => {
      if (!present.has(path)) return [{ path, kind: 'missing' }];
      const full = join(folder, path);
      return lstatSync(full).isFile() && readFileSync(full, 'utf8') === content ? [] : [{ path, kind: 'changed' }];
    }),
    ...[...present].filter((path) => !files.has(path)).map((path): Difference => ({ path, kind: 'stale' })),
  ];
  return differences.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Makes the folder hold exactly the files.
 *
 * @throws OperatorError when the folder is a link or holds something that synth did not write; nothing is changed then.
 */
export function replaceFolder(folder: string, files: Files): void {
  const target = resolve(folder);
  if (!relative(target, resolve('.')).startsWith('..')) {
    throw new OperatorError(`output ${show(folder)}: expected a folder of its own, got one that this runs in`, ADVICE);
  }
  const [next, previous] = [`${target}.next`, `${target}.previous`];
  try {
    for (const part of [target, next, previous]) refuseWhatIsNotOurs(part);
    if (!isFolder(target) && isFolder(previous)) renameSync(previous, target); // A run was stopped between the renames.
    for (const leftover of [next, previous]) rmSync(leftover, { recursive: true, force: true });
    mkdirSync(next, { recursive: true });
    for (const [path, content] of files) {
      mkdirSync(dirname(join(next, path)), { recursive: true });
      writeFileSync(join(next, path), content);
    }
    if (isFolder(target)) renameSync(target, previous);
    renameSync(next, target);
    rmSync(previous, { recursive: true, force: true });
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new OperatorError(`output ${show(folder)}: expected a folder that can be written, got ${error.message}`, [], {
      cause: error,
    });
  }
}

const ADVICE = ['name another folder with --out: this one is replaced as a whole'];

/** False where there is nothing. */
function isFolder(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isDirectory()) return found !== undefined;
  throw new OperatorError(
    `output ${show(path)}: expected a folder or nothing, got a ${found.isSymbolicLink() ? 'link' : 'file'}`,
    ['name another folder with --out'],
  );
}

const SHOWN = 3;

function refuseWhatIsNotOurs(folder: string): void {
  if (!isFolder(folder)) return;
  const foreign: string[] = [];
  for (const path of listFiles(folder)) {
    if (!isOurs(join(folder, path))) foreign.push(path);
    if (foreign.length > SHOWN) break;
  }
  if (foreign.length === 0) return;
  const shown = foreign.slice(0, SHOWN).map(show).join(', ');
  throw new OperatorError(
    `output ${show(folder)}: expected only files that synth wrote, got ${shown}${foreign.length > SHOWN ? ' and more' : ''}`,
    ['move them elsewhere, or', ...ADVICE],
  );
}

function isOurs(path: string): boolean {
  if (!path.endsWith('.yaml') || !lstatSync(path).isFile()) return false;
  const content = readFileSync(path, 'utf8');
  return content.startsWith(HEADER) || HEADER.startsWith(content); // The latter: a run was stopped while writing it.
}

/** Everything below the folder that is not itself a folder, `/`-separated, one by one: the folder may be a whole disk. */
function* listFiles(folder: string, below = folder): Generator<string> {
  for (const entry of readdirSync(below, { withFileTypes: true })) {
    const path = join(below, entry.name);
    if (entry.isDirectory()) yield* listFiles(folder, path);
    else yield relative(folder, path).split(sep).join('/');
  }
}

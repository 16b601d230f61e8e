/**
 * `dist/` on disk: compared without writing, or replaced as a whole.
 *
 * The new tree is written beside the old one, in a folder of this run's own, and takes its place by two renames. Only
 * whole folders are moved: of two runs at once one fails, and what is in place is one run's tree or the other's. A
 * folder that holds anything but files of ours is never replaced.
 */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
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
 * @throws OperatorError when the folder is a file or a link, or cannot be read.
 */
export function compareFolder(folder: string, files: Files): readonly Difference[] {
  return explained(folder, 'be read', () => {
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
  });
}

/** Files of the folder as they are. */
export const readFiles = (folder: string, paths: readonly string[]): Files =>
  explained(
    folder,
    'be read',
    () =>
      new Map(
        paths
          .filter((path) => lstatSync(join(folder, path)).isFile())
          .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
      ),
  );

/**
 * Makes the folder hold exactly the files.
 *
 * @throws OperatorError when the folder is a link or holds something that synth did not write, or when it cannot be
 * written; it is as it was then.
 */
export function replaceFolder(folder: string, files: Files): void {
  const target = resolve(folder);
  if (!relative(target, resolve('.')).startsWith('..')) {
    throw new OperatorError(`output ${show(folder)}: expected a folder of its own, got one that this runs in`, ADVICE);
  }
  explained(folder, 'be written', () => {
    refuseWhatIsNotOurs(target);
    inOwnFolder(target, (own) => {
      const [next, old] = [join(own, NEXT), join(own, OLD)];
      writeTree(next, files);
      if (isFolder(target)) renameSync(target, old);
      renameSync(next, target);
    });
  });
}

/** Removes what a run that was stopped left beside the folder, and puts back the folder that it had moved away. */
export function clearLeftovers(folder: string): void {
  const target = resolve(folder);
  explained(folder, 'be written', () => {
    if (leftoversOf(target).length > 0) inOwnFolder(target, () => undefined);
  });
}

const NEXT = 'next';
const OLD = 'old';

/** Calls with a new folder beside the target, into which the leftovers of other runs were taken. */
function inOwnFolder(target: string, write: (own: string) => void): void {
  const leftovers = leftoversOf(target);
  for (const leftover of leftovers) refuseWhatIsNotOurs(leftover);
  if (!existsSync(dirname(target))) mkdirSync(dirname(target), { recursive: true });
  const own = mkdtempSync(`${target}${SUFFIX}`);
  try {
    for (const leftover of leftovers) {
      putBack(leftover, target);
      // Not removed where it is: should its run still be alive, it must find all of its tree or nothing.
      renameSync(leftover, join(own, basename(leftover)));
    }
    write(own);
  } catch (error) {
    if (existsSync(own)) throw error;
    throw new OperatorError(
      `output ${show(target)}: expected one synth at a time, got another one that began meanwhile`,
      ['look at what it wrote, or run this one again'],
      { cause: error },
    );
  } finally {
    putBack(own, target);
    rmSync(own, { recursive: true, force: true });
  }
}

const SUFFIX = '.synth-';

function leftoversOf(target: string): readonly string[] {
  const prefix = `${basename(target)}${SUFFIX}`;
  const beside = existsSync(dirname(target)) ? readdirSync(dirname(target)) : [];
  return beside.filter((name) => name.startsWith(prefix)).map((name) => join(dirname(target), name));
}

/** A run that ends between its two renames has moved the old folder away. */
function putBack(from: string, target: string): void {
  if (!isFolder(target) && isFolder(join(from, OLD))) renameSync(join(from, OLD), target);
}

function writeTree(root: string, files: Files): void {
  mkdirSync(root);
  const folders = new Set<string>();
  for (const [path, content] of files) {
    for (const { index } of path.matchAll(/\//g)) {
      const folder = path.slice(0, index);
      // One by one: `recursive` would make the root anew after another run took it away.
      if (!folders.has(folder)) mkdirSync(join(root, folder));
      folders.add(folder);
    }
    writeFileSync(join(root, path), content);
  }
}

/** An error of the file system in the words of a person. */
function explained<T>(folder: string, ability: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    const vanished = 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTEMPTY');
    throw new OperatorError(
      `output ${show(folder)}: expected a folder that can ${ability}, got ${error.message}`,
      vanished ? ['was another synth writing it? run this one again'] : [],
      { cause: error },
    );
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
function* listFiles(folder: string, below = ''): Generator<string> {
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    const path = `${below}${entry.name}`;
    if (entry.isDirectory()) yield* listFiles(folder, `${path}/`);
    else yield path;
  }
}

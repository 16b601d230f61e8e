/**
 * A folder of manifests, from the disk or from a commit.
 *
 * From the disk come the files that a commit could hold: what Git ignores, Argo CD never sees.
 */
import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';
import { show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import type { Files } from '../manifest/layout.js';
import { git } from './git.js';

export interface Folder {
  /** Relative to the folder. Manifests, and what says how a folder is rendered. */
  readonly files: Files;
  /** The folder's path in the repository; empty for the repository itself, or where there is none. */
  readonly root: string;
}

/** What Argo CD reads, and the files by which it knows that it must not read a folder as it stands. */
const READ = /\.(ya?ml|json|jsonnet|libsonnet)$|(^|\/)Kustomization$/;

/** @throws OperatorError when there is no such folder. */
export function readFolder(path: string): Folder {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isDirectory()) {
    const got = found === undefined ? 'no such folder' : found.isFile() ? 'a file' : 'something else';
    throw new OperatorError(`folder ${show(path)}: expected a folder of manifests, got ${got}`, [
      'name it with --dist',
    ]);
  }
  const top = topOf(path);
  const names = top === undefined ? [...listFiles(path)] : filesForGit(path);
  const real = realpathSync(path);
  const files = names.sort().flatMap((name): [string, string][] => {
    const file = join(path, name);
    const inside = !relative(real, safeRealPath(file) ?? '/').startsWith('..');
    return READ.test(name) && inside && statSync(file).isFile() ? [[name, readFileSync(file, 'utf8')]] : [];
  });
  return { files: new Map(files), root: rootOf(path, top) };
}

/**
 * The folder as it is in a commit; empty where the commit has no such folder.
 *
 * @throws OperatorError when there is no repository, or no such commit.
 */
export function readFolderAt(ref: string, path: string): Folder {
  const top = repositoryOf(path);
  const root = rootOf(path, top);
  const commit = commitOf(ref, top);
  const listed = git(top, ['ls-tree', '-r', '-z', '--full-tree', commit, ...(root === '' ? [] : ['--', `${root}/`])]);
  if (!listed.ok) throw new OperatorError(`commit ${show(ref)}: expected its files, got ${show(listed.message)}`);
  const entries = listed.stdout
    .toString('utf8')
    .split('\0')
    .flatMap((line) => {
      const [, mode = '', id = '', name = ''] = /^(\d+) blob (\w+)\t(.*)$/s.exec(line) ?? [];
      const below = root === '' ? name : name.slice(root.length + 1);
      return READ.test(below) ? [{ mode, id, name: below }] : [];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const contents = blobs(top, ref, [...new Set(entries.map(({ id }) => id))]);
  const texts = new Map(entries.map(({ name, id }) => [name, contents.get(id) ?? '']));
  const files = entries.flatMap(({ mode, name }): [string, string][] => {
    const text = texts.get(name) ?? '';
    if (mode !== SYMBOLIC_LINK) return [[name, text]];
    const target = texts.get(posix.join(posix.dirname(name), text));
    return target === undefined ? [] : [[name, target]];
  });
  return { files: new Map(files), root };
}

const SYMBOLIC_LINK = '120000';

/** The commit that a name stands for. @throws OperatorError when it stands for none. */
export function commitOf(ref: string, path: string): string {
  const top = repositoryOf(path);
  const found = git(top, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);
  if (found.ok) return found.stdout.toString('utf8').trim();
  throw new OperatorError(
    `commit ${show(ref)}: expected a branch, a tag or a commit of ${show(top)}, got none of them`,
    ['a CI often fetches one commit only; it takes more: git fetch --unshallow, or git fetch origin main'],
  );
}

/**
 * The commit that a change is held against: where its branch left the base, so that what others did since is not taken
 * for a part of it. A step back to an older commit is held against the base itself.
 *
 * @throws OperatorError when either is no commit, or they have no common ancestor.
 */
export function forkPoint(base: string, head: string | undefined, path: string): string {
  const [from, to] = [commitOf(base, path), commitOf(head ?? 'HEAD', path)];
  const found = git(repositoryOf(path), ['merge-base', from, to]);
  if (found.ok) {
    const fork = found.stdout.toString('utf8').trim();
    return head !== undefined && fork === to ? from : fork;
  }
  throw new OperatorError(`commits ${show(base)} and ${show(head ?? 'HEAD')}: expected a common ancestor, got none`, [
    'a CI often fetches one commit only; it takes more: git fetch --unshallow',
  ]);
}

function repositoryOf(path: string): string {
  const top = topOf(path);
  if (top !== undefined) return top;
  throw new OperatorError(`folder ${show(path)}: expected a folder in a Git repository, got one in none`, [
    'without a repository there is nothing to compare with',
  ]);
}

/** The repository's own folder. The folder itself may not be there: a commit may have it. */
function topOf(path: string): string | undefined {
  let folder = resolve(path);
  while (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) folder = dirname(folder);
  const found = git(folder, ['rev-parse', '--show-toplevel']);
  return found.ok ? found.stdout.toString('utf8').replace(/\n$/, '') : undefined;
}

function rootOf(path: string, top: string | undefined): string {
  if (top === undefined) return '';
  const real =
    safeRealPath(path) ?? join(safeRealPath(dirname(resolve(path))) ?? dirname(resolve(path)), posix.basename(path));
  return relative(top, real).split('\\').join('/');
}

function safeRealPath(path: string): string | undefined {
  // A link to nowhere has none.
  return statSync(path, { throwIfNoEntry: false }) === undefined ? undefined : realpathSync(path);
}

function filesForGit(path: string): string[] {
  const listed = git(path, ['ls-files', '-z', '--cached', '--others', '--exclude-standard']);
  if (!listed.ok)
    throw new OperatorError(`folder ${show(path)}: expected its files from Git, got ${show(listed.message)}`);
  const names = new Set(listed.stdout.toString('utf8').split('\0'));
  // Git still lists what was deleted a moment ago.
  return [...names].filter(
    (name) => name !== '' && lstatSync(join(path, name), { throwIfNoEntry: false }) !== undefined,
  );
}

function* listFiles(folder: string, below = ''): Generator<string> {
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === '.git') continue;
    const path = `${below}${entry.name}`;
    if (entry.isDirectory()) yield* listFiles(folder, `${path}/`);
    else yield path;
  }
}

/** Texts by id, from one process for all of them. */
function blobs(top: string, ref: string, ids: readonly string[]): ReadonlyMap<string, string> {
  if (ids.length === 0) return new Map();
  const answer = git(top, ['cat-file', '--batch'], ids.map((id) => `${id}\n`).join(''));
  if (!answer.ok) throw new OperatorError(`commit ${show(ref)}: expected its files, got ${show(answer.message)}`);
  const texts = new Map<string, string>();
  for (let offset = 0; offset < answer.stdout.length; ) {
    const end = answer.stdout.indexOf('\n', offset);
    const [id = '', type, size] = answer.stdout.toString('utf8', offset, end).split(' ');
    if (type !== 'blob')
      throw new OperatorError(`commit ${show(ref)}: expected the file ${id}, got none: is the clone partial?`);
    const start = end + 1;
    texts.set(id, answer.stdout.toString('utf8', start, start + Number(size)));
    offset = start + Number(size) + 1;
  }
  return texts;
}

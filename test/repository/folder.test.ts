import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commitOf, forkPoint, readFolder, readFolderAt } from '../../src/repository/folder.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'selfheal-repository-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const git = (...args: string[]): string =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
    encoding: 'utf8',
  });

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function commit(message: string): string {
  git('add', '-A');
  git('commit', '-q', '--allow-empty', '-m', message);
  return git('rev-parse', 'HEAD').trim();
}

const dist = (): string => join(folder, 'dist');

test('the same folder from the disk and from its commit', () => {
  git('init', '-q');
  write('dist/a/ö x.yaml', 'one: "äöü"\n');
  write('dist/b.json', '{}\n');
  write('dist/readme.md', 'no\n');
  symlinkSync('b.json', join(dist(), 'link.json'));
  const sha = commit('first');

  const disk = readFolder(dist());

  expect([...disk.files]).toEqual([
    ['a/ö x.yaml', 'one: "äöü"\n'],
    ['b.json', '{}\n'],
    ['link.json', '{}\n'],
  ]);
  expect(disk.root).toBe('dist');
  expect(readFolderAt(sha, dist())).toEqual(disk);
});

test('what Git ignores or what was just deleted is not on the disk', () => {
  git('init', '-q');
  write('.gitignore', 'ignored.yaml\n');
  write('dist/gone.yaml', 'a: 1\n');
  commit('first');
  rmSync(join(dist(), 'gone.yaml'));
  write('dist/ignored.yaml', 'a: 1\n');
  write('dist/new.yaml', 'a: 1\n');

  expect([...readFolder(dist()).files.keys()]).toEqual(['new.yaml']);
});

test('a link out of the folder is not followed', () => {
  write('secret.yaml', 'a: 1\n');
  write('dist/x.yaml', 'a: 1\n');
  symlinkSync('../secret.yaml', join(dist(), 'link.yaml'));

  expect([...readFolder(dist()).files.keys()]).toEqual(['x.yaml']);
});

test('a folder that the commit does not have is empty there', () => {
  git('init', '-q');
  const sha = commit('empty');
  write('dist/x.yaml', 'a: 1\n');

  expect(readFolderAt(sha, dist()).files.size).toBe(0);
});

test('says what is not there', () => {
  expect(() => readFolder(dist())).toThrow(/^folder ".*dist": expected a folder of manifests, got no such folder$/);
  write('dist/x.yaml', 'a: 1\n');
  expect(() => readFolder(join(dist(), 'x.yaml'))).toThrow(/x\.yaml": expected a folder of manifests, got a file$/);
  expect(() => readFolderAt('HEAD', folder)).toThrow(/expected a folder in a Git repository, got one in none$/);
  git('init', '-q');
  commit('first');
  expect(() => readFolderAt('mian', folder)).toThrow(
    /^commit "mian": expected a branch, a tag or a commit of ".*", got none of them$/,
  );
  expect(() => commitOf('--help', folder)).toThrow(/^commit "--help": expected/);
});

test('a branch is held against where it began, a step back against the base itself', () => {
  git('init', '-q', '--initial-branch=main');
  const first = commit('first');
  git('branch', 'mine');
  const main = commit('what others did');
  git('checkout', '-q', 'mine');
  const mine = commit('what I did');

  expect(forkPoint('main', undefined, folder)).toBe(first);
  expect(forkPoint('main', 'mine', folder)).toBe(first);
  expect(forkPoint('main', first, folder)).toBe(main);
  expect(forkPoint('HEAD', undefined, folder)).toBe(mine);
});

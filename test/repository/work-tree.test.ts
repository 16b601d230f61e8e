import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openWorkTree } from '../../src/repository/work-tree.js';

let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'selfheal-work-tree-')));
  // The commits under test are made by whoever runs it.
  for (const who of ['AUTHOR', 'COMMITTER']) {
    vi.stubEnv(`GIT_${who}_NAME`, 't');
    vi.stubEnv(`GIT_${who}_EMAIL`, 't@example.org');
  }
  vi.stubEnv('GIT_CONFIG_GLOBAL', '/dev/null');
  git('init', '--quiet', '--initial-branch=main');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

const at = (path: string): string => join(folder, path);

function write(path: string, text: string): string {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
  return at(path);
}

function commit(message: string): string {
  git('add', '--all');
  git('commit', '--quiet', '--allow-empty', '-m', message);
  return git('rev-parse', 'HEAD');
}

/** Two branches that changed the same line. */
function conflict(): void {
  write('a', 'one\n');
  commit('first');
  git('checkout', '--quiet', '-b', 'other');
  write('a', 'other\n');
  commit('other');
  git('checkout', '--quiet', 'main');
  write('a', 'mine\n');
  commit('mine');
}

test('a folder in no repository is none', () => {
  rmSync(at('.git'), { recursive: true });

  expect(() => openWorkTree(folder)).toThrow(/^folder ".*": expected a folder in a Git repository, got one in none$/);
});

describe('staged', () => {
  test('are those of the paths that somebody put into the index, removed ones too', () => {
    const [a, b, c] = [write('a', '1'), write('b', '1'), write('ü c', '1')];
    commit('first');
    write('a', '2');
    write('b', '2');
    git('add', 'b');
    git('rm', '--quiet', 'ü c');

    expect(openWorkTree(folder).staged([a, b, c])).toEqual([b, c]);
    expect(openWorkTree(folder).staged([a])).toEqual([]);
  });

  test('are seen before the first commit', () => {
    const a = write('a', '1');
    git('add', 'a');

    expect(openWorkTree(folder).staged([a])).toEqual([a]);
  });
});

test('changed are those that are not as in the newest commit: edited, new, gone, staged', () => {
  const [edited, same, gone, staged] = [
    write('x/edited', '1'),
    write('same', '1'),
    write('gone', '1'),
    write('s', '1'),
  ];
  commit('first');
  write('x/edited', '2');
  const fresh = write('x/new one', '1');
  rmSync(gone);
  write('s', '2');
  git('add', 's');
  write('not asked for', '1');

  expect(openWorkTree(folder).changed([edited, same, gone, staged, fresh])).toEqual([edited, gone, staged, fresh]);
});

test('a file is read as the newest commit has it, from a folder below and through a link', () => {
  write('deep/er/a', 'committed\n');
  commit('first');
  write('deep/er/a', 'edited\n');
  symlinkSync(at('deep'), at('link'));

  expect(openWorkTree(at('deep/er')).textAtHead(at('deep/er/a'))).toBe('committed\n');
  expect(openWorkTree(at('link/er')).textAtHead(at('link/er/a'))).toBe('committed\n');
  expect(openWorkTree(folder).textAtHead(at('deep/none'))).toBeNull();
});

describe('what is not finished', () => {
  test('is nothing, as a rule', () => {
    commit('first');

    expect(openWorkTree(folder).unfinished()).toBeNull();
  });

  test.each([
    ['MERGE_HEAD', ['merge', 'other']],
    ['rebase-merge', ['rebase', 'other']],
    ['CHERRY_PICK_HEAD', ['cherry-pick', 'other']],
    ['REVERT_HEAD', ['revert', '--no-edit', 'HEAD~1']],
  ])('is %s after a conflict', (head, command) => {
    conflict();
    spawnSync('git', ['-C', folder, ...command], { stdio: 'ignore' });

    expect(openWorkTree(folder).unfinished()).toBe(head);
  });

  test.each([
    ['rebase-merge', ['rebase', '--exec', 'false', 'HEAD~1']],
    ['BISECT_LOG', ['bisect', 'start']],
  ])('is %s without one', (name, command) => {
    commit('first');
    commit('second');
    spawnSync('git', ['-C', folder, ...command], { stdio: 'ignore' });

    expect(openWorkTree(folder).unfinished()).toBe(name);
  });
});

describe('a commit', () => {
  test('holds these paths alone, and leaves what somebody else staged where it is', () => {
    const [a, gone] = [write('a', '1'), write('gone', 'all of it\n')];
    write('mine', '1');
    commit('first');
    write('a', '2');
    rmSync(gone);
    const fresh = write('new', '1');
    write('mine', '2');
    git('add', 'mine');

    const made = openWorkTree(folder).commit([a, gone, fresh], 'subject', 'body');

    expect(git('rev-parse', 'HEAD')).toBe(made);
    expect(git('show', '--name-status', '--format=%s|%b').split('\n').filter(Boolean)).toEqual([
      'subject|body',
      'M\ta',
      'D\tgone',
      'A\tnew',
    ]);
    expect(git('status', '--porcelain')).toBe('M  mine');
  });

  test('that a hook refuses says what the hook said, and stages nothing', () => {
    const a = write('a', '1');
    commit('first');
    write('.git/hooks/pre-commit', '#!/bin/sh\necho "not on a Friday" >&2\nexit 1\n');
    chmodSync(at('.git/hooks/pre-commit'), 0o755);
    write('a', '2');
    const fresh = write('new', '1');

    expect(() => openWorkTree(folder).commit([a, fresh], 'subject', 'body')).toThrow(/^git commit: not on a Friday$/);
    expect(git('status', '--porcelain')).toBe('M a\n?? new');
    expect(readFileSync(a, 'utf8')).toBe('2');
  });
});

test('the newest commit of some paths is the last that touched one of them, a removal too', () => {
  const [a, b] = [write('a', '1'), write('b', '1')];
  commit('first');
  rmSync(b);
  const second = commit('second');
  write('c', '1');
  commit('third');
  const tree = openWorkTree(folder);

  expect(tree.lastCommitOf([a, b])).toBe(second);
  expect(tree.lastCommitOf([at('none')])).toBeNull();
});

test('whether a revision holds a commit is true, false, or unknown where the repository lacks the revision', () => {
  const first = commit('first');
  git('checkout', '--quiet', '-b', 'other');
  const other = commit('other');
  git('checkout', '--quiet', 'main');
  const second = commit('second');
  const tree = openWorkTree(folder);

  expect(tree.holds(second, first)).toBe(true);
  expect(tree.holds(first, first)).toBe(true);
  expect(tree.holds(first, second)).toBe(false);
  expect(tree.holds(other, second)).toBe(false);
  expect(tree.holds('0123456789012345678901234567890123456789', first)).toBeNull();
  expect(tree.holds('--help', first)).toBeNull();
});

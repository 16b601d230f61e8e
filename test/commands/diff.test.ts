/** `selfheal diff` in a real repository. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run, terminal } from '../../src/commands/run.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'selfheal-diff-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=me', '-c', 'user.email=me@example.org', ...args], {
    encoding: 'utf8',
  });

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const config = (value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: work}\ndata: {value: ${value}}\n`;

function commit(value: string): void {
  write('dist/c.yaml', config(value));
  git('add', '--all');
  git('commit', '--quiet', '--message=change');
}

async function diff(...args: readonly string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    ...terminal,
    out: (line: string) => out.push(line),
    err: (line: string) => err.push(line),
    exists: () => false,
  };
  const status = await run(['diff', '--dist', join(folder, 'dist'), ...args], io);
  return { status, out: out.join('\n'), err: err.join('\n') };
}

describe('the exit status and the result', () => {
  beforeEach(() => {
    git('init', '--quiet', '--initial-branch=main');
    commit('one');
  });

  test('0 and one line where nothing changes', async () => {
    const { status, out, err } = await diff();

    expect(status).toBe(0);
    expect(out).toMatch(/^HEAD \(\w{7}\) → the working tree: no change$/);
    expect(err).toBe('');
  });

  test('1 and the change, without colours', async () => {
    write('dist/c.yaml', config('two'));

    const { status, out } = await diff();

    expect(status).toBe(1);
    expect(out).toContain('data.value: one → two');
    expect(out).not.toContain('\u001b');
  });

  test('between two commits, whatever is on the disk', async () => {
    commit('two');
    write('dist/c.yaml', config('three'));

    const { out } = await diff('--base', 'HEAD~1', '--head', 'HEAD');

    expect(out).toContain('data.value: one → two');
  });

  test('JSON that a program reads', async () => {
    write('dist/c.yaml', config('two'));

    const { out } = await diff('-o', 'json');

    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      changes: [{ effect: 'changed', fields: [{ path: 'data.value', before: 'one', after: 'two' }] }],
    });
  });

  test('markdown for a comment', async () => {
    write('dist/c.yaml', config('two'));

    expect((await diff('-o', 'markdown')).out).toMatch(/^### What Argo CD will do: 1 plain\n/);
  });

  test.each([
    [
      'a commit that is none',
      ['--base', 'mian'],
      /^selfheal diff: commit "mian": expected a branch, a tag or a commit of ".*", got none of them/,
    ],
    [
      'an output that is none',
      ['-o', 'yaml'],
      /^selfheal diff: --output: expected one of text, markdown, json, got "yaml"$/,
    ],
  ])('2 for %s', async (_, args, message) => {
    const { status, out, err } = await diff(...args);

    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(message);
  });

  test('2 for manifests that cannot be read, all of them, on the side where they are', async () => {
    write('dist/c.yaml', 'apiVersion: v1\nkind: [\nmetadata: {}\n');
    write('dist/d.yaml', 'apiVersion: v1\nkind: Pod\nmetadata: {}\n');

    const { status, err } = await diff();

    expect(status).toBe(2);
    expect(err).toMatch(
      /^selfheal diff: the working tree: 2 problems in the manifests\n {2}'c\.yaml', line \d: .*\n {2}'d\.yaml': metadata\.name/,
    );
  });
});

test('2 where there is no repository', async () => {
  write('dist/c.yaml', config('one'));

  expect(await diff()).toMatchObject({
    status: 2,
    err: expect.stringContaining('expected a folder in a Git repository, got one in none'),
  });
});

test('2 where there is no such folder', async () => {
  expect(await diff()).toMatchObject({
    status: 2,
    err: expect.stringContaining('expected a folder of manifests, got no such folder'),
  });
});

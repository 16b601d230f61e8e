import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HEADER } from '../../src/manifest/yaml.js';
import { compareFolder, replaceFolder } from '../../src/synth/dist-folder.js';

const ours = (text: string): string => `${HEADER}\n${text}\n`;
const FILES = new Map([
  ['home/app/a.yaml', ours('a: 1')],
  ['home/app/b.yaml', ours('b: 1')],
]);

let root: string;
let dist: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'selfheal-dist-'));
  dist = join(root, 'dist');
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function put(path: string, content: string): void {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
}

/** Everything below the root with its content, so that "nothing was changed" is one comparison. */
const snapshot = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [
        path.slice(root.length + 1),
        lstatSync(path).isFile() ? readFileSync(path, 'utf8') : lstatSync(path).isSymbolicLink() ? 'link' : 'folder',
      ]),
  );

describe('what is not ours is refused, and nothing is changed', () => {
  const CASES: readonly (readonly [string, () => void, string])[] = [
    ['a file in place of the folder', () => put('dist', 'precious'), 'expected a folder or nothing, got a file'],
    [
      'a link to a folder',
      () => {
        put('real/keep.yaml', ours('x'));
        symlinkSync(join(root, 'real'), dist);
      },
      'expected a folder or nothing, got a link',
    ],
    ['a link to nothing', () => symlinkSync(join(root, 'nowhere'), dist), 'expected a folder or nothing, got a link'],
    [
      'a foreign file',
      () => put('dist/notes.txt', 'precious'),
      'expected only files that synth wrote, got "notes.txt"',
    ],
    [
      'a foreign YAML file',
      () => put('dist/home/app/secret.yaml', 'kind: Secret'),
      'expected only files that synth wrote, got "home/app/secret.yaml"',
    ],
    ['a hidden file', () => put('dist/.git/config', 'x'), 'expected only files that synth wrote, got ".git/config"'],
    [
      'a link to a file of ours',
      () => {
        put('dist/a.yaml', ours('a'));
        symlinkSync(join(dist, 'a.yaml'), join(dist, 'b.yaml'));
      },
      'expected only files that synth wrote, got "b.yaml"',
    ],
    [
      'a link to a folder of ours',
      () => {
        put('other/a.yaml', ours('a'));
        mkdirSync(dist);
        symlinkSync(join(root, 'other'), join(dist, 'sub'));
      },
      'expected only files that synth wrote, got "sub"',
    ],
    [
      'many foreign files',
      () => {
        for (const name of 'abcdef') put(`dist/${name}`, 'x');
      },
      'expected only files that synth wrote, got "a", "b", "c" and more',
    ],
    [
      "somebody's own dist.next",
      () => put('dist.next/precious', 'x'),
      'expected only files that synth wrote, got "precious"',
    ],
    [
      "somebody's own dist.previous, without a dist",
      () => put('dist.previous/precious', 'x'),
      'expected only files that synth wrote, got "precious"',
    ],
  ];

  test.each(CASES)('%s', (_, arrange, message) => {
    arrange();
    const before = snapshot();

    expect(() => replaceFolder(dist, FILES)).toThrow(message);
    expect(snapshot()).toEqual(before);
  });

  test.each(['.', '', '..', '/'])('the folder %j, which this runs in', (folder) => {
    expect(() => replaceFolder(folder, FILES)).toThrow(
      `output "${folder}": expected a folder of its own, got one that this runs in`,
    );
  });

  test('a place that cannot be written is an error in one line', () => {
    put('file', 'x');

    expect(() => replaceFolder(join(root, 'file/dist'), FILES)).toThrow(
      /^output ".+\/file\/dist": expected a folder that can be written, got ENOTDIR/,
    );
  });
});

describe('replacing', () => {
  test('an absent folder makes it', () => {
    replaceFolder(dist, FILES);

    expect(compareFolder(dist, FILES)).toEqual([]);
    expect(readdirSync(root)).toEqual(['dist']);
  });

  test('an empty folder fills it', () => {
    mkdirSync(dist);

    replaceFolder(dist, FILES);

    expect(compareFolder(dist, FILES)).toEqual([]);
  });

  test('removes what is no longer given, with its folders', () => {
    replaceFolder(dist, new Map([...FILES, ['gone/app/c.yaml', ours('c')]]));

    replaceFolder(dist, FILES);

    expect(existsSync(join(dist, 'gone'))).toBe(false);
  });

  test('with nothing leaves no old file', () => {
    replaceFolder(dist, FILES);

    replaceFolder(dist, new Map());

    expect(snapshot()).toEqual({ dist: 'folder' });
  });
});

describe('a run that was stopped', () => {
  test('between the two renames: the old folder comes back before anything else', () => {
    replaceFolder(dist, FILES);
    renameSync(dist, `${dist}.previous`);
    put('dist.next/home/app/a.yaml', ours('a: 2'));

    replaceFolder(dist, new Map([['home/app/a.yaml', ours('a: 3')]]));

    expect(snapshot()).toEqual({
      dist: 'folder',
      'dist/home': 'folder',
      'dist/home/app': 'folder',
      'dist/home/app/a.yaml': ours('a: 3'),
    });
  });

  test('after the renames: the old folder is cleared away', () => {
    replaceFolder(dist, FILES);
    put('dist.previous/home/app/a.yaml', ours('a: 0'));

    replaceFolder(dist, FILES);

    expect(readdirSync(root)).toEqual(['dist']);
  });

  test.each([
    ['before its first byte', ''],
    ['in its first line', HEADER.slice(0, 20)],
    ['behind it', `${HEADER}\na`],
  ])('while a file was written, %s: what it left does not block the next run', (_, content) => {
    put('dist.next/home/app/a.yaml', content);

    replaceFolder(dist, FILES);

    expect(compareFolder(dist, FILES)).toEqual([]);
    expect(readdirSync(root)).toEqual(['dist']);
  });
});

describe('comparing', () => {
  test('writes nothing, not even where nothing is', () => {
    expect(compareFolder(dist, FILES).map(({ kind }) => kind)).toEqual(['missing', 'missing']);
    expect(readdirSync(root)).toEqual([]);
  });

  test('leaves the time stamps alone', () => {
    replaceFolder(dist, FILES);
    const before = statSync(join(dist, 'home/app/a.yaml')).mtimeMs;

    compareFolder(dist, FILES);

    expect(statSync(join(dist, 'home/app/a.yaml')).mtimeMs).toBe(before);
  });

  test('tells missing, changed and stale apart, in the order of the paths', () => {
    put('dist/home/app/b.yaml', ours('b: 2'));
    put('dist/home/app/z.yaml', 'anything');

    expect(compareFolder(dist, FILES)).toEqual([
      { path: 'home/app/a.yaml', kind: 'missing' },
      { path: 'home/app/b.yaml', kind: 'changed' },
      { path: 'home/app/z.yaml', kind: 'stale' },
    ]);
  });

  test('does not take a link for the file that it leads to', () => {
    put('elsewhere.yaml', FILES.get('home/app/a.yaml') ?? '');
    put('dist/home/app/b.yaml', FILES.get('home/app/b.yaml') ?? '');
    symlinkSync(join(root, 'elsewhere.yaml'), join(dist, 'home/app/a.yaml'));

    expect(compareFolder(dist, FILES)).toEqual([{ path: 'home/app/a.yaml', kind: 'changed' }]);
  });

  test('refuses a file in place of the folder', () => {
    put('dist', 'x');

    expect(() => compareFolder(dist, FILES)).toThrow('expected a folder or nothing, got a file');
  });
});

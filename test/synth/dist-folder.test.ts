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
import { clearLeftovers, compareFolder, replaceFolder } from '../../src/synth/dist-folder.js';

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
      "somebody's own file where a stopped run would have left some, without a dist",
      () => put('dist.synth-mine/precious', 'x'),
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
    mkdirSync(`${dist}.synth-abc`);
    renameSync(dist, `${dist}.synth-abc/old`);
    put('dist.synth-abc/next/home/app/a.yaml', ours('a: 2'));

    clearLeftovers(dist);

    expect(compareFolder(dist, FILES)).toEqual([]);
    expect(readdirSync(root)).toEqual(['dist']);
  });

  test('and the next one writes what it was asked for', () => {
    put('dist.synth-abc/old/home/app/b.yaml', ours('b: 0'));

    replaceFolder(dist, FILES);

    expect(compareFolder(dist, FILES)).toEqual([]);
    expect(readdirSync(root)).toEqual(['dist']);
  });

  test('after the renames: the old folder is cleared away, even where nothing is to be written', () => {
    replaceFolder(dist, FILES);
    put('dist.synth-abc/old/home/app/a.yaml', ours('a: 0'));

    clearLeftovers(dist);

    expect(compareFolder(dist, FILES)).toEqual([]);
    expect(readdirSync(root)).toEqual(['dist']);
  });

  test.each([
    ['before its first byte', ''],
    ['in its first line', HEADER.slice(0, 20)],
    ['behind it', `${HEADER}\na`],
  ])('while a file was written, %s: what it left does not block the next run', (_, content) => {
    put('dist.synth-abc/next/home/app/a.yaml', content);
    put('dist.synth-def/next/home/app/a.yaml', content);

    replaceFolder(dist, FILES);

    expect(compareFolder(dist, FILES)).toEqual([]);
    expect(readdirSync(root)).toEqual(['dist']);
  });

  test('a folder that only looks alike is left alone', () => {
    put('distant.synth-abc/precious', 'x');
    put('dist.next/precious', 'x');

    replaceFolder(dist, FILES);

    expect(readdirSync(root)).toEqual(['dist', 'dist.next', 'distant.synth-abc']);
  });
});

describe('a run that fails leaves the old folder and nothing beside it', () => {
  /** Files of which the second is only given after `act`. */
  const interruptedBy = (act: () => void): ReadonlyMap<string, string> => {
    const files = new Map(FILES);
    files[Symbol.iterator] = function* () {
      for (const [index, entry] of [...files.entries()].entries()) {
        if (index === 1) act();
        yield entry;
      }
      return undefined;
    };
    return files;
  };

  test.each([['before it was there'], ['after it was there']])('%s', (when) => {
    if (when.startsWith('after')) replaceFolder(dist, new Map([['a.yaml', ours('a: 0')]]));
    const before = snapshot();

    expect(() => replaceFolder(dist, new Map([...FILES, ['home/app/a.yaml/b.yaml', 'x']]))).toThrow(
      /^output ".+": expected a folder that can be written, got EEXIST/,
    );
    expect(snapshot()).toEqual(before);
  });

  test('of two runs at once the one that began last writes all of its files, and the other one says so', () => {
    const last = new Map([['c.yaml', ours('c: 1')]]);

    expect(() =>
      replaceFolder(
        dist,
        interruptedBy(() => replaceFolder(dist, last)),
      ),
    ).toThrow(/^output ".+": expected one synth at a time, got another one that began meanwhile$/);
    expect(compareFolder(dist, last)).toEqual([]);
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

  test('of what cannot be read is an error in one line', () => {
    put('file', 'x');

    expect(() => compareFolder(join(root, 'file/dist'), FILES)).toThrow(
      /^output ".+": expected a folder that can be read, got ENOTDIR/,
    );
  });

  test('refuses a file in place of the folder', () => {
    put('dist', 'x');

    expect(() => compareFolder(dist, FILES)).toThrow('expected a folder or nothing, got a file');
  });
});

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { VERBS } from '../../src/commands/index.js';
import { run, terminal } from '../../src/commands/run.js';
import { MINIMAL_SPEC } from '../support/clusters.js';
import { PROGRAM, workspace } from '../support/program.js';

const DESCRIPTION = `import { defineCluster } from 'selfheal';\nexport default defineCluster(${JSON.stringify(MINIMAL_SPEC)});\n`;
const withDescription = (change: Readonly<Record<string, unknown>>): string =>
  `export default ${JSON.stringify({ ...MINIMAL_SPEC, ...change })};\n`;

let open: (() => void)[] = [];
afterEach(() => {
  for (const remove of open) remove();
  open = [];
});
const inFolder = (files: Readonly<Record<string, string>> = {}) => {
  const created = workspace(files);
  open = [...open, created.remove];
  return created;
};

test('the bundle may be executed', () => {
  expect(statSync(PROGRAM).mode & 0o111).toBe(0o111);
  expect(readFileSync(PROGRAM, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
});

describe('the code cache, which saves compiling', () => {
  const helpWith = (cache: string | Buffer | undefined) => {
    const { folder } = inFolder();
    for (const name of ['selfheal.cjs', 'program.cjs']) copyFileSync(join(PROGRAM, '..', name), join(folder, name));
    if (cache !== undefined) writeFileSync(join(folder, 'program.cache'), cache);
    return spawnSync(process.execPath, [join(folder, 'selfheal.cjs'), '--help'], { encoding: 'utf8' });
  };

  test.each(['program.cache', 'drift.cache'])('was made (%s)', (name) => {
    expect(statSync(join(PROGRAM, '..', name)).size).toBeGreaterThan(100_000);
  });

  test.each([
    ['missing', undefined],
    ['empty', ''],
    ['of something else', Buffer.alloc(5_000, 7)],
    ['cut short', readFileSync(join(PROGRAM, '../program.cache')).subarray(0, 50_000)],
  ])('may be %s', (_, cache) => {
    expect(helpWith(cache)).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('Usage: selfheal'),
    });
  });
});

describe('without a verb that it knows', () => {
  test.each([
    [[], 'Usage: selfheal VERB [flags]'],
    [['snth'], 'selfheal: expected a verb (synth'],
    [['snth'], 'got "snth"; did you mean "synth"?'],
    [['constructor'], 'got "constructor"'],
    [['toString'], 'got "toString"'],
    [['--check'], 'got "--check"'],
    [[''], 'got ""'],
  ])('%j ends with 2 and nothing on stdout', (args, message) => {
    const { status, stdout, stderr } = inFolder().run(...args);

    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
  });

  test.each(['--help', '-h', 'help'])('%s ends with 0 and lists every verb', (flag) => {
    const { status, stdout, stderr } = inFolder().run(flag);

    expect(status).toBe(0);
    expect(stderr).toBe('');
    for (const { name, summary } of VERBS) expect(stdout).toMatch(new RegExp(`^ {2}${name} +${summary}$`, 'm'));
  });
});

test('there are verbs to try', () => {
  expect(VERBS.length).toBeGreaterThan(0);
  expect(new Set(VERBS.map(({ name }) => name)).size).toBe(VERBS.length);
});

test('a word that no flag takes is answered with the flags that there are', () => {
  const { status, stderr } = inFolder({ 'clusters/attic.ts': DESCRIPTION }).run('prober', 'attic');

  expect(status).toBe(2);
  expect(stderr).toContain('flags: expected only --uptime-kuma, --cluster, --clusters, got "attic"');
});

/** The same without a process: what a verb says to its flags is the same in the bundle, which runs each verb above and below. */
async function ran(folder: string, ...args: readonly string[]) {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const here = process.cwd();
  process.chdir(folder);
  try {
    const status = await run(args, {
      ...terminal,
      out: (line) => stdout.push(`${line}\n`),
      err: (line) => stderr.push(`${line}\n`),
      environment: { PATH: '', HOME: folder },
    });
    return { status, stdout: stdout.join(''), stderr: stderr.join('') };
  } finally {
    process.chdir(here);
  }
}

const commands = await Promise.all(VERBS.map(async ({ name, load }) => ({ name, help: (await load()).help })));

describe.each(commands)('every verb: $name', ({ name: verb, help }) => {
  const folderFlag = help.includes('--clusters ') ? '--clusters' : '--dist';

  test.each([
    [['--nonsense'], 'got "--nonsense"'],
    [['--nonsense=1'], 'got "--nonsense"'],
    [['-x'], 'got "-x"'],
    [['--', 'stray'], 'got "stray"'],
    [[folderFlag, 'a', folderFlag, 'a'], `${folderFlag}: expected once, got it again`],
    [[`${folderFlag}=`], `${folderFlag}: expected a value, got ""`],
  ])('refuses %j with 2 and writes nothing', async (args, message) => {
    const { folder } = inFolder({ 'clusters/attic.ts': DESCRIPTION });

    const { status, stdout, stderr } = await ran(folder, verb, ...args);

    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(readdirSync(folder)).toEqual(['clusters']);
  });

  test.runIf(help.includes('--output '))('refuses a form of output that it does not have', async () => {
    const input = verb === 'replay' ? ['x.log'] : [];
    const { folder } = inFolder({ 'clusters/attic.ts': DESCRIPTION });
    const { status, stderr } = await ran(folder, verb, '-o', 'jsno', ...input);

    expect(stderr).toMatch(/--output: expected one of [a-z, ]+, got "jsno"; did you mean "json"\?/);
    expect(status).toBe(2);
  });

  test('--help ends with 0, names its exit statuses, and its examples are command lines that it takes', async () => {
    const { status, stdout, stderr } = inFolder().run(verb, '--help');
    const examples = stdout.split('\n').filter((line) => line.startsWith('  selfheal '));

    expect(status).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^Usage: selfheal /);
    expect(stdout).toMatch(/^Exit status: 0 /m);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const { stderr: complaint } = await ran(inFolder().folder, ...wordsOf(example).slice(1));
      expect(complaint).not.toContain('flags:');
    }
  });
});

/** As a shell splits it. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

describe('synth', () => {
  test.each([
    [
      'no folder of descriptions',
      {},
      `selfheal synth: clusters 'clusters': expected a folder with a description of a cluster, got no such folder`,
    ],
    [
      'an empty folder',
      { 'clusters/notes.txt': 'x' },
      `selfheal synth: clusters 'clusters': expected a folder with a description of a cluster, got none in it`,
    ],
    [
      'a file that is no TypeScript',
      { 'clusters/a.ts': 'export default {\n  a: 1\n  b: 2\n};' },
      '  clusters/a.ts:3:3: Expected "}" but found "b"',
    ],
    [
      'a file that imports one that is no TypeScript',
      { 'clusters/a.ts': "import './_b.js'; export default {};", 'clusters/_b.ts': 'const a = "b' },
      '  clusters/_b.ts:1:13: Unterminated string literal',
    ],
    [
      'a file that throws',
      { 'clusters/a.ts': 'throw new Error("no luck");' },
      '  clusters/a.ts: expected a module that exports a description by default, got no luck',
    ],
    ['a file that is no JSON', { 'clusters/a.json': '{' }, '  clusters/a.json: expected JSON, got '],
    [
      'a file without a default export',
      { 'clusters/a.ts': 'export const a = 1;' },
      '  clusters/a.ts: expected "export default defineCluster({ … })", got no default export (a file that is no description begins with "_")',
    ],
    ['an empty file', { 'clusters/a.ts': '' }, '  clusters/a.ts: expected "export default defineCluster({ … })", got '],
    [
      'an import that is not there',
      { 'clusters/a.ts': "import './gone.js'; export default {};" },
      '  clusters/a.ts:1:8: Could not resolve "./gone.js"',
    ],
    [
      'a secret in a wrong place',
      { 'clusters/a.ts': withDescription({ name: `gh${'p_'}${'a1B2'.repeat(9)}` }) },
      '  clusters/a.ts: name: expected a DNS label of at most 40, got what looks like a secret (not shown)',
    ],
    [
      'a wrong value',
      { 'clusters/a.ts': withDescription({ datastore: 'etcdd' }) },
      '  clusters/a.ts: datastore: expected one of "sqlite", "etcd", got "etcdd"; did you mean "etcd"?',
    ],
    [
      'two descriptions of one name',
      { 'clusters/a.ts': DESCRIPTION, 'clusters/b.ts': DESCRIPTION },
      '  clusters/b.ts: name: expected a name of its own, got "attic" which a.ts has',
    ],
  ])('%s ends with 2, says so in one line, and leaves dist as it was', (_, files, message) => {
    const { run, folder } = inFolder({ ...files, 'dist/old.yaml': '# old\n' });

    const { status, stdout, stderr } = run('synth');

    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(readFileSync(join(folder, 'dist/old.yaml'), 'utf8')).toBe('# old\n');
    expect(readdirSync(folder).filter((name) => name.startsWith('dist'))).toEqual(['dist']);
  });

  test('problems of all files come at once, counted', () => {
    const { run } = inFolder({
      'clusters/a.ts': withDescription({ name: '' }),
      'clusters/b.ts': withDescription({ dns: 1, x: 2 }),
      'clusters/c.ts': 'export default {',
      'clusters/d.json': '',
    });

    const { stderr } = run('synth');

    expect(stderr).toContain('selfheal synth: 5 problems in the description');
    expect(stderr.match(/^ {2}clusters\/[abcd]\.(ts|json):/gm)).toHaveLength(5);
  });

  test('a broken guardrail ends with 2 and leaves dist as it was', () => {
    const kernelNfs = { kind: 'kernel-nfs', server: 'nas.example', path: '/export' };
    const { run, folder } = inFolder({
      'clusters/a.ts': withDescription({
        nodes: {
          lamp: { ...MINIMAL_SPEC.nodes.lamp, board: 'raspberry-pi', architecture: 'arm64', bootLoader: 'piboot' },
        },
        hosts: [{ nodes: ['lamp'], kernel: { hardwareWatchdog: { runtimeTimeout: '60s' } } }],
        longhorn: { version: '1.11.3', backupTarget: kernelNfs },
      }),
    });

    const { status, stdout, stderr } = run('synth');

    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/selfheal synth: \d+ errors? found by the guardrails, nothing was written/);
    // The description and what became of it: two findings, one mend.
    expect(stderr.match(/^ {2}error hardware-watchdog-fits-board: /gm)).toHaveLength(2);
    expect(stderr.match(/^ {4}mend: write 14s$/gm)).toHaveLength(1);
    expect(stderr).toMatch(/^warning nfs-by-name: .*\n {4}why: .*\n {4}mend: /m);
    expect(existsSync(join(folder, 'dist'))).toBe(false);
  });

  test('a folder that is not ours ends with 2 and says what to do', () => {
    const { run, folder } = inFolder({ 'clusters/a.ts': DESCRIPTION, 'dist/mine.txt': 'precious' });

    const { status, stderr } = run('synth');

    expect(status).toBe(2);
    expect(stderr).toContain('expected only files that synth wrote, got "mine.txt"');
    expect(stderr).toContain('--out');
    expect(readFileSync(join(folder, 'dist/mine.txt'), 'utf8')).toBe('precious');
  });

  test('--check says what differs with 1, writes nothing, and is content with 0 after a synth', () => {
    const { run, put, folder } = inFolder({ 'clusters/a.ts': DESCRIPTION });

    const before = run('synth', '--check');
    const written = run('synth');
    const after = run('synth', '--check');
    put('dist/attic/argocd/application-selfheal-root.yaml', '# Changed by hand.\n');
    const changed = run('synth', '--check');

    expect(before).toMatchObject({
      status: 1,
      stdout:
        'missing attic/argocd/application-selfheal-root.yaml\nmissing attic/argocd/appproject-selfheal-attic.yaml\n',
    });
    expect(written).toMatchObject({
      status: 0,
      stderr: '',
      stdout: '2 manifests of attic in dist: 2 written, 0 removed, 0 as they were\n',
    });
    expect(after).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(changed).toMatchObject({ status: 1, stdout: 'changed attic/argocd/application-selfheal-root.yaml\n' });
    expect(readFileSync(join(folder, 'dist/attic/argocd/application-selfheal-root.yaml'), 'utf8')).toBe(
      '# Changed by hand.\n',
    );
  });

  test('a second synth changes nothing, not even a time stamp', () => {
    const { run, folder } = inFolder({ 'clusters/a.ts': DESCRIPTION });
    run('synth');
    const stamp = statSync(join(folder, 'dist/attic')).ctimeMs;

    const { stdout } = run('synth');

    expect(stdout).toBe('2 manifests of attic in dist: 0 written, 0 removed, 2 as they were\n');
    expect(statSync(join(folder, 'dist/attic')).ctimeMs).toBe(stamp);
  });

  test('a second synth clears away what a run that was stopped left', () => {
    const { run, put, folder } = inFolder({ 'clusters/a.ts': DESCRIPTION });
    run('synth');
    put('dist.synth-abc/next/attic/argocd/application-selfheal-root.yaml', '');

    const { status } = run('synth');

    expect(status).toBe(0);
    expect(readdirSync(folder)).toEqual(['clusters', 'dist']);
  });

  test('--clusters and --out name other folders', () => {
    const { run, folder } = inFolder({ 'elsewhere/a.json': JSON.stringify(MINIMAL_SPEC) });

    expect(run('synth', '--clusters', 'elsewhere', '--out', 'out/put')).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(join(folder, 'out/put'))).toEqual(['attic']);
  });

  test('a changed file behind a description is noticed, although the last result was kept', () => {
    const { run, put } = inFolder({
      'clusters/a.ts': `import { name } from '../name.js';\nexport default { ...${JSON.stringify(MINIMAL_SPEC)}, name };\n`,
      'name.ts': "export const name = 'one';\n",
      'node_modules/.keep': '',
    });

    const first = run('synth', '--check');
    put('name.ts', "export const name = 'two';\n");
    const second = run('synth', '--check');

    expect(first.stdout).toContain('one/argocd');
    expect(second.stdout).toContain('two/argocd');
    expect(second.stdout).not.toContain('one/');
  });

  test('a kept result that is damaged is made anew', () => {
    const { run, put, folder } = inFolder({ 'clusters/a.ts': DESCRIPTION, 'node_modules/.keep': '' });
    run('synth', '--check');
    const kept = readdirSync(join(folder, 'node_modules/.cache/selfheal'));
    for (const name of kept) put(`node_modules/.cache/selfheal/${name}`, '{"inputs": 7}');

    expect(kept).toHaveLength(1);
    expect(run('synth', '--check')).toMatchObject({ status: 1 });
  });
});

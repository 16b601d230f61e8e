/** The package as somebody gets it: packed, unpacked elsewhere, used without this repository. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { synthesize } from '../src/synth/synthesize.js';
import { MINIMAL_SPEC, parsed } from './support/clusters.js';
import { readmeExample } from './support/readme.js';

const PARTS = [
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'README.md',
  'LICENSE',
  'src',
  'imports',
  'tools',
  'docs',
];
let root: string;
/** A repository of somebody who only installed the package. */
let owner: string;

function run(folder: string, command: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: root, npm_config_cache: join(root, 'npm-cache') },
  });
  return { status, output: stdout + stderr, stdout };
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'selfheal-package-'));
  const checkout = join(root, 'checkout');
  for (const part of PARTS) cpSync(part, join(checkout, part), { recursive: true });
  symlinkSync(resolve('node_modules'), join(checkout, 'node_modules'));
  const packed = run(checkout, 'npm', 'pack', '--silent'); // Runs `prepare`, like an install from Git.
  const tarball = readdirSync(checkout).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error(`npm pack: expected a tarball, got ${packed.output}`);

  owner = join(root, 'owner');
  const installed = join(owner, 'node_modules', 'selfheal');
  mkdirSync(installed, { recursive: true });
  run(root, 'tar', '-xzf', join(checkout, tarball), '-C', installed, '--strip-components=1');
  // In place of an install from a registry: the packages that it depends on, and no others, by name.
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  for (const name of [...Object.keys(dependencies), '@types/node']) {
    mkdirSync(join(owner, 'node_modules', name, '..'), { recursive: true });
    symlinkSync(resolve('node_modules', name), join(owner, 'node_modules', name));
  }
  mkdirSync(join(owner, 'clusters'));
  writeFileSync(join(owner, 'clusters/attic.ts'), readmeExample());
  writeFileSync(join(owner, 'package.json'), '{"type": "module"}');
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

const filesBelow = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(folder, path)).isFile())
      .sort()
      .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  );

describe('the package', () => {
  test('brings the program, the library with its types, the scripts, the documentation and the licence', () => {
    const installed = join(owner, 'node_modules/selfheal');

    for (const path of [
      'build/bin/selfheal.cjs',
      'build/lib/src/index.js',
      'build/lib/src/index.d.ts',
      'docs/incidents.md',
      'docs/runbooks',
      'README.md',
      'LICENSE',
      'src/layers/rcu-watchdog/scripts',
    ])
      expect(existsSync(join(installed, path)), path).toBe(true);
  });

  test('leaves out what only this repository needs', () => {
    const top = readdirSync(join(owner, 'node_modules/selfheal')).sort();

    expect(top).toEqual(['LICENSE', 'README.md', 'build', 'docs', 'package.json', 'src']);
  });

  test('brings what its README leads to', () => {
    const installed = join(owner, 'node_modules/selfheal');
    const links = [...readFileSync(join(installed, 'README.md'), 'utf8').matchAll(/\]\((?!http|#)([^)#]+)/g)];

    expect(links.length).toBeGreaterThan(20);
    for (const [, path = ''] of links) expect(existsSync(join(installed, path)), path).toBe(true);
  });

  test('has a program that may be executed', () => {
    expect(statSync(join(owner, 'node_modules/selfheal/build/bin/selfheal.cjs')).mode & 0o111).toBe(0o111);
  });
});

describe('an owner of another cluster, without a fork', () => {
  test('synthesizes what this repository synthesizes from the same description, scripts included', async () => {
    const program = join(owner, 'node_modules/selfheal/build/bin/selfheal.cjs');

    const { status, output } = run(owner, program, 'synth');

    const { default: spec } = await import(join(owner, 'clusters/attic.ts'));
    expect(output).not.toContain('selfheal synth:');
    expect(status).toBe(0);
    expect([...filesBelow(join(owner, 'dist'))]).toEqual([...synthesize([parsed(spec)]).files].sort());
  });

  test('replays a kernel log with the detector that came along', () => {
    const stalls = Array.from(
      { length: 10 },
      (_, index) =>
        `[${1_300 + index}.000000] rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { P1 } 21 jiffies s: ${index * 4} root: 0x0/T\n`,
    );
    writeFileSync(join(owner, 'kern.log'), stalls.join(''));

    const { status, stdout } = run(
      owner,
      join(owner, 'node_modules/selfheal/build/bin/selfheal.cjs'),
      'replay',
      '-o',
      'json',
      'kern.log',
    );

    expect(status).toBe(0);
    expect(JSON.parse(stdout).policies.current.reboots).toMatchObject([{ at: 1_309, path: 'burst', count: 10 }]);
  });

  test('gets the same from the compiled library', () => {
    writeFileSync(
      join(owner, 'library.mjs'),
      `import { parseCluster, synthesize, defineCluster, PinnedDeployment, requireNodes } from 'selfheal';
       if (!(PinnedDeployment && requireNodes)) throw new Error('what docs/layers/placement.md offers is not there');
       const { value } = parseCluster(defineCluster(${JSON.stringify(WITH_SCRIPT)}));
       console.log(JSON.stringify([...synthesize([value]).files]));`,
    );

    const { status, stdout } = run(owner, process.execPath, 'library.mjs');

    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual([...synthesize([parsed(WITH_SCRIPT)]).files]);
  });

  test('has the types: the description compiles, and a wrong one does not', () => {
    const strict = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--skipLibCheck'];
    const tsc = resolve('node_modules/typescript/bin/tsc');
    writeFileSync(join(owner, 'wrong.ts'), readmeExample().replace("nodes: ['lamp']", "nodes: ['lmap']"));

    // Both at once: most of the time goes into the types that they share.
    const { status, stdout } = run(owner, process.execPath, tsc, ...strict, 'clusters/attic.ts', 'wrong.ts');

    expect(status).not.toBe(0);
    expect(stdout).toMatch(
      /^wrong\.ts\(\d+,\d+\): error TS2322: Type '"lmap"' is not assignable to type '"lamp" \| "shade"'/,
    );
    expect(stdout.match(/^\S.*: error /gm)).toHaveLength(stdout.match(/^wrong\.ts/gm)?.length ?? 0);
  });
});

/** With a script in it, which the compiled library must find too. */
const WITH_SCRIPT = {
  ...MINIMAL_SPEC,
  hosts: [{ nodes: ['lamp'], sandboxCleanup: {} }],
} as const;

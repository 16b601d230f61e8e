/** What the keeper ends and removes, and above all what not. It needs no cluster. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';

const KEEPER = fileURLToPath(new URL('keeper.sh', import.meta.url));
const isRoot = process.getuid?.() === 0;

/** A bench's folder, and one that is not. */
function folders() {
  const home = mkdtempSync(join(tmpdir(), 'keeper-'));
  const folder = join(home, 'selfheal-bench-abc123');
  const other = join(home, 'other');
  for (const path of [folder, other]) mkdirSync(path);
  writeFileSync(join(other, 'file'), 'theirs\n');
  onTestFinished(() => rmSync(home, { recursive: true }));
  return { folder, other };
}

/** As when the test has ended: there is no standard input any more. */
const keep = (folder: string, ...before: readonly string[]) => {
  const [program = '', ...args] = [...before, 'bash', KEEPER, folder];
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 60_000 });
  return { status, stderr };
};

function sleeper(cwd: string, env: Readonly<Record<string, string>> = {}): ChildProcess {
  const child = spawn('sleep', ['100'], { cwd, env: { PATH: process.env.PATH, ...env }, stdio: 'ignore' });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

describe('a folder that is no bench of its own', () => {
  test.each([
    ['none', () => ''],
    ['the root', () => '/'],
    ['another name', ({ other }: ReturnType<typeof folders>) => other],
    ['one that is not there', ({ folder }: ReturnType<typeof folders>) => `${folder}x`],
    ['one below a bench', ({ folder }: ReturnType<typeof folders>) => `${folder}/selfheal-bench-`],
    [
      'a link to another',
      ({ folder, other }: ReturnType<typeof folders>) => {
        rmSync(folder, { recursive: true });
        symlinkSync(other, folder);
        return folder;
      },
    ],
  ])('is refused: %s', (_, pathOf) => {
    const found = folders();
    const path = pathOf(found);

    expect(keep(path)).toEqual({ status: 1, stderr: `keeper: folder '${path}': expected a bench's folder\n` });
    expect(existsSync(join(found.other, 'file'))).toBe(true);
  });
});

test('what is not of this bench goes on', async () => {
  const { folder, other } = folders();
  mkdirSync(`${folder}4`);
  const theirs = [
    sleeper(other, { SELFHEAL_BENCH: `${folder}4` }),
    sleeper(other, { OTHER: folder }),
    sleeper(`${folder}4`),
  ];
  const ours = [sleeper(folder), sleeper(other, { SELFHEAL_BENCH: folder })];
  const ended = Promise.all(ours.map((child) => once(child, 'exit')));

  expect(keep(folder)).toEqual({ status: 0, stderr: '' });

  expect((await ended).map(([, signal]) => signal)).toEqual(['SIGKILL', 'SIGKILL']);
  expect(theirs.map(({ pid }) => existsSync(`/proc/${pid}`))).toEqual([true, true, true]);
  expect(existsSync(folder)).toBe(false);
});

test('what a link in the folder leads to stays', () => {
  const { folder, other } = folders();
  symlinkSync(other, join(folder, 'link'));

  expect(keep(folder).status).toBe(0);
  expect(existsSync(join(other, 'file'))).toBe(true);
});

test.runIf(isRoot)('a folder in which something is mounted is left as it is', () => {
  const { folder, other } = folders();
  mkdirSync(join(folder, 'mounted'));

  const mounted = ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" "$1" && shift && exec "$@"'];
  const { status, stderr } = keep(folder, ...mounted, other, join(folder, 'mounted'));

  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: `keeper: folder '${folder}': expected nothing mounted below it, left as it is\n`,
  });
  expect(existsSync(join(other, 'file'))).toBe(true);
});

test('a folder that its owner may not read goes too', () => {
  const { folder } = folders();
  mkdirSync(join(folder, 'closed/inner'), { recursive: true });
  const nobody = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
  if (isRoot) spawnSync('chown', ['-R', '65534:65534', folder, join(folder, '..')]);
  chmodSync(join(folder, 'closed/inner'), 0);
  chmodSync(join(folder, 'closed'), 0o300);

  expect(keep(folder, ...nobody)).toEqual({ status: 0, stderr: '' });
  expect(existsSync(folder)).toBe(false);
});

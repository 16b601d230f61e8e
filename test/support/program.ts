/** The bundled command line as a child process in a folder of its own. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export const PROGRAM = resolve('build/bin/selfheal.cjs');

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A working folder with these files, and the program in it. */
export function workspace(files: Readonly<Record<string, string>> = {}) {
  if (!existsSync(PROGRAM)) throw new Error(`'${PROGRAM}': expected the bundle (node tools/bundle.mjs), got nothing`);
  const folder = mkdtempSync(join(tmpdir(), 'selfheal-cli-'));
  const put = (path: string, content: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  for (const [path, content] of Object.entries(files)) put(path, content);
  const run = (...args: readonly string[]): Outcome => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
      cwd: folder,
      env: { PATH: '', HOME: folder },
      encoding: 'utf8',
      timeout: 120_000,
    });
    return { status, stdout, stderr };
  };
  return { folder, put, run, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

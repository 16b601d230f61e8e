/** promtool, asked about files in a folder of their own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** It lives for seconds and forgets one storage after the other: collected seldom, it takes a fifth less. */
export const SELDOM_COLLECTED = { GOGC: '400', GOMAXPROCS: '1' };

export interface Said {
  readonly status: number | null;
  readonly output: string;
}

export function promtool(files: ReadonlyMap<string, string>, ...args: readonly string[]): Said {
  const folder = mkdtempSync(join(tmpdir(), 'selfheal-promtool-'));
  try {
    for (const [name, text] of files) writeFileSync(join(folder, name), text);
    const { status, stdout, stderr } = spawnSync('promtool', args, {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, ...SELDOM_COLLECTED },
      maxBuffer: 256 * 1024 * 1024,
    });
    return { status, output: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

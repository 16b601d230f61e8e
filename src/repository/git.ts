/** Git as a child process: what it prints, or why it did not. */
import { spawnSync } from 'node:child_process';

type GitAnswer = { readonly ok: true; readonly stdout: Buffer } | { readonly ok: false; readonly message: string };

const LARGEST_OUTPUT = 1024 * 1024 * 1024;

export function git(folder: string, args: readonly string[], input?: string): GitAnswer {
  const { status, stdout, stderr, error } = spawnSync('git', ['-C', folder, ...args], {
    input,
    maxBuffer: LARGEST_OUTPUT,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  if (error !== undefined) return { ok: false, message: error.message };
  if (status === 0) return { ok: true, stdout };
  const [line = ''] = stderr.toString('utf8').trim().split('\n').slice(-1);
  return { ok: false, message: line.replace(/^(fatal|error): /, '') };
}

/** A working folder that is a Git repository, and the command line in it. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAM, workspace } from './program.js';

const ENV = {
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.org',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

export interface Said {
  /** Null where it was killed. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function gitWorkspace(files: Readonly<Record<string, string>> = {}) {
  const { folder, put, remove } = workspace(files);

  /** Not waited for in this process: it may ask a server that runs here. */
  const start = (program: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
    new Promise<Said>((ended) => {
      const env = { ...ENV, PATH: process.env.PATH, HOME: folder, KUBECONFIG: '/dev/null', ...environment };
      const child = execFile(program, [...args], { cwd: folder, env, timeout: 120_000 }, (_, stdout, stderr) =>
        ended({ status: child.exitCode, stdout, stderr }),
      );
    });
  const git = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await start('git', args);
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  };

  return {
    folder,
    put,
    remove,
    read: (path: string): string => readFileSync(join(folder, path), 'utf8'),
    git,
    run: (args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Said> =>
      start(process.execPath, [PROGRAM, ...args], environment),
    commitAll: async (message: string): Promise<string> => {
      await git('add', '--all');
      await git('commit', '--quiet', '--allow-empty', '-m', message);
      return git('rev-parse', 'HEAD');
    },
    /** Every file byte for byte, what is staged, and the newest commit. */
    state: async (): Promise<readonly string[]> => [
      await git('rev-parse', 'HEAD'),
      await git('ls-files', '--stage'),
      await git('status', '--porcelain', '--untracked-files=all'),
      ...readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !join(entry.parentPath, '/').includes('/.git/'))
        .map(({ parentPath, name }) => join(parentPath, name))
        .sort()
        .map((path) => `${path} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`),
    ],
  };
}

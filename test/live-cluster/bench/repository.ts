/** A Git repository on this machine that tests commit to and Argo CD reads. */
import { execFileSync } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Files } from '../../../src/manifest/layout.js';

export interface Repository {
  readonly url: string;
  /** The tree becomes exactly `files`. Answers the commit's hash. */
  readonly commit: (files: Files, message: string) => string;
  /** Takes the repository away, as a server that is gone; `bringBack` undoes it. */
  readonly takeAway: () => void;
  readonly bringBack: () => void;
}

export function makeRepository(folder: string): Repository {
  const path = join(folder, 'repository.git');
  const git = (args: readonly string[], input?: string): string =>
    execFileSync('git', args, {
      input,
      encoding: 'utf8',
      timeout: 30_000,
      maxBuffer: 64 << 20,
      env: { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_DIR: path },
    }).trim();
  git(['init', '--quiet', '--bare', '--initial-branch=main', path]);
  let seconds = 0;

  return {
    url: `file://${path}`,
    commit: (files, message) => {
      const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
      const head = existsSync(join(path, 'refs/heads/main')) ? 'from refs/heads/main^0\n' : '';
      seconds += 1;
      const tree = [...files].map(([name, text]) => `M 644 inline ${name}\n${data(text)}`).join('');
      const stream = `commit refs/heads/main\ncommitter bench <bench@example.org> ${1_700_000_000 + seconds} +0000\n`;
      git(['fast-import', '--quiet'], `${stream}${data(message)}${head}deleteall\n${tree}done\n`);
      return git(['rev-parse', 'refs/heads/main']);
    },
    takeAway: () => renameSync(path, `${path}.away`),
    bringBack: () => renameSync(`${path}.away`, path),
  };
}

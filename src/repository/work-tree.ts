/** A Git work tree that a verb commits to: what is changed in it, and one commit of certain files and no others. */
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import { git } from './git.js';

export interface WorkTree {
  /** Those of the paths that have something staged: a commit would take along what somebody else put there. */
  readonly staged: (paths: readonly string[]) => readonly string[];

  /** Those of the paths that are not as in the newest commit. */
  readonly changed: (paths: readonly string[]) => readonly string[];

  /** A file as the newest commit has it; null where that has none. */
  readonly textAtHead: (path: string) => string | null;

  /** A merge, a rebase or the like that is not finished; a commit of some files is not possible then. */
  readonly unfinished: () => string | null;

  /** Commits exactly these paths, removed ones too. @throws OperatorError with what Git says. */
  readonly commit: (paths: readonly string[], subject: string, body: string) => string;

  /** The newest commit that touched one of the paths; null where none did. */
  readonly lastCommitOf: (paths: readonly string[]) => string | null;

  /** Whether the revision holds the commit; null where the repository does not know one of them. */
  readonly holds: (revision: string, commit: string) => boolean | null;
}

/** What Git keeps in its own folder until it is done. */
const UNFINISHED = [
  'MERGE_HEAD',
  'rebase-merge',
  'rebase-apply',
  'CHERRY_PICK_HEAD',
  'REVERT_HEAD',
  'BISECT_LOG',
] as const;

/** The work tree that the folder is in. @throws OperatorError where there is none. */
export function openWorkTree(folder: string): WorkTree {
  const found = git(folder, ['rev-parse', '--show-toplevel']);
  if (!found.ok)
    throw new OperatorError(`folder ${show(folder)}: expected a folder in a Git repository, got one in none`, [
      'what is taken back is taken back in Git: Argo CD reads nothing else',
    ]);
  const top = found.stdout.toString('utf8').replace(/\n$/, '');
  // Git resolves links of its own folder; a path of ours is given as it was typed.
  const prefix = textOf(git(folder, ['rev-parse', '--show-prefix'])).replace(/\n$/, '');
  const inTop = (path: string): string => join(prefix, relative(resolve(folder), resolve(path)));
  const named = (paths: readonly string[]): readonly string[] => paths.map(inTop);
  const run = (args: readonly string[]): string => {
    const answer = git(top, args);
    if (!answer.ok) throw new OperatorError(`git ${args[0]}: ${answer.message}`);
    return answer.stdout.toString('utf8');
  };
  const among = (paths: readonly string[], listed: string): readonly string[] => {
    const names = new Set(listed.split('\0'));
    return paths.filter((path) => names.has(inTop(path)));
  };

  return {
    staged: (paths) =>
      among(paths, run(['diff', '--cached', '--name-only', '-z', '--no-renames', '--', ...named(paths)])),
    changed: (paths) => {
      const lines = run([
        'status',
        '--porcelain',
        '-z',
        '--no-renames',
        '--untracked-files=all',
        '--',
        ...named(paths),
      ]);
      return among(paths, lines.replaceAll(/(^|\0).{2} /g, '$1'));
    },
    textAtHead: (path) => {
      const answer = git(top, ['cat-file', 'blob', `HEAD:${inTop(path)}`]);
      return answer.ok ? answer.stdout.toString('utf8') : null;
    },
    unfinished: () =>
      UNFINISHED.find((name) => existsSync(resolve(top, run(['rev-parse', '--git-path', name]).trimEnd()))) ?? null,
    commit: (paths, subject, body) => {
      // Announced, not staged: whatever stops this, nothing stands in the way of the next try.
      const fresh = run(['ls-files', '--others', '-z', '--', ...named(paths)])
        .split('\0')
        .filter((name) => name !== '');
      if (fresh.length > 0) run(['add', '--intent-to-add', '--', ...fresh]);
      try {
        run(['commit', '--quiet', '--only', '-m', subject, '-m', body, '--', ...named(paths)]);
      } catch (error) {
        if (fresh.length > 0) git(top, ['reset', '--quiet', '--', ...fresh]);
        throw error;
      }
      return run(['rev-parse', 'HEAD']).trim();
    },
    lastCommitOf: (paths) => run(['log', '-1', '--format=%H', '--', ...named(paths)]).trim() || null,
    holds: (revision, commit) => {
      const known = git(top, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]).ok;
      if (!known) return null;
      const bases = git(top, ['merge-base', '--all', revision, commit]);
      return bases.ok ? bases.stdout.toString('utf8').split('\n').includes(commit) : false;
    },
  };
}

const textOf = (answer: ReturnType<typeof git>): string => (answer.ok ? answer.stdout.toString('utf8') : '');

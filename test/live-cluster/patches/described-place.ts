/** A folder with the description of a bench, in a Git repository of its own, and the command line in it. */
import { spawnSync } from 'node:child_process';
import { MINIMAL_SPEC } from '../../support/clusters.js';
import { PROGRAM, workspace } from '../../support/program.js';
import type { Bench } from '../bench/bench.js';
import { applicationOf } from '../support/applications.js';

const ENV = {
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.org',
};

export type DescribedPlace = ReturnType<typeof describedPlace>;

export function describedPlace(bench: Bench) {
  const { folder, put, remove } = workspace();

  function run(program: string, args: readonly string[], kubeconfig = bench.kubeconfig) {
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd: folder,
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...ENV, PATH: process.env.PATH, HOME: folder, KUBECONFIG: kubeconfig },
    });
    return { status, stdout, stderr, said: `${stdout}${stderr}` };
  }

  function git(...args: readonly string[]): string {
    const { status, stdout, stderr } = run('git', args);
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  git('init', '--quiet', '--initial-branch=main');
  return {
    folder,
    remove,
    run,
    git,
    selfheal: (...args: readonly string[]) => run(process.execPath, [PROGRAM, ...args]),

    describeCluster: (change: object): void => {
      const spec = { ...MINIMAL_SPEC, gitops: { repoUrl: bench.repository.url }, ...change };
      put('clusters/attic.json', JSON.stringify(spec, undefined, 2));
    },

    push: (branch = 'main'): void => void git('push', '--quiet', bench.repository.url, `HEAD:refs/heads/${branch}`),

    /** Waits until the Application is synced with the newest commit. */
    synced: async (name: string): Promise<void> => {
      const head = git('rev-parse', 'HEAD');
      bench.refresh(name);
      await bench.until(
        'synced',
        () => {
          const { sync, revision, phase, message } = applicationOf(bench, name);
          if (sync === 'Synced' && revision === head && phase === 'Succeeded') return true;
          throw new Error(`${sync} with ${revision}, ${phase}: ${message}`);
        },
        120,
      );
    },
  };
}

/**
 * The homelab with a few of its Applications, synced by Argo CD: what an incident happens to.
 *
 * Two are ours, one of them with a single object, and one patches CoreDNS, which is k3s's.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Files } from '../../../src/manifest/layout.js';
import { homelab } from '../../support/clusters.js';
import { type Bench, startBench } from '../bench/bench.js';
import { pathOf } from '../bench/tools.js';
import { applicationOf, applicationsOf, refreshAll, untilSynced } from '../support/applications.js';
import { committedDist } from '../support/committed.js';
import { createAs, namespace } from '../world/create.js';
import { installK3sCoredns } from '../world/k3s.js';

const FOLDERS = ['coredns', 'local-path-backup', 'longhorn'] as const;

export const ROOT = 'selfheal-root';
export const APPLICATIONS = [...FOLDERS.map((folder) => `selfheal-${folder}`), ROOT];

export class SmallHomelab {
  private constructor(
    readonly bench: Bench,
    /** As committed first. */
    readonly files: Files,
  ) {}

  static async start(): Promise<SmallHomelab> {
    const bench = await startBench({ nodes: [{ name: 'jarvis' }, { name: 'ultron' }], argo: true });
    try {
      createAs(bench, 'kubectl-create', [namespace('longhorn-system')]);
      installK3sCoredns(bench, 'jarvis');
      const wanted = FOLDERS.flatMap((folder) => [`/${folder}/`, `/application-selfheal-${folder}.yaml`]);
      wanted.push(`/application-${ROOT}.yaml`, '/appproject-selfheal-homelab.yaml');
      const all = committedDist(homelab(), bench.repository.url);
      const small = new SmallHomelab(
        bench,
        new Map([...all].filter(([path]) => wanted.some((part) => path.includes(part)))),
      );
      const revision = bench.repository.commit(small.files, 'begin');
      small.applyByHand();
      await untilSynced(bench, APPLICATIONS, revision);
      return small;
    } catch (error) {
      await bench.close();
      throw error;
    }
  }

  /** What the runbooks tell an operator to do. */
  applyByHand(files = this.files): void {
    this.inCheckout('kubectl apply --server-side -f dist/homelab/argocd', files);
  }

  /** Runs a line as an operator types it, in a checkout of the repository. */
  inCheckout(line: string, files = this.files): void {
    const folder = join(this.bench.folder, 'checkout');
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const PATH = `${dirname(pathOf('kubectl'))}:${process.env.PATH}`;
    const env = { PATH, HOME: this.bench.folder, KUBECONFIG: this.bench.kubeconfig };
    const { status, stderr } = spawnSync('bash', ['-c', line], { cwd: folder, env, encoding: 'utf8', timeout: 60_000 });
    if (status !== 0) throw new Error(`${line}: ended with ${status}: ${stderr}`);
  }

  /** A commit with what is left of the first one; without files the branch is gone. */
  commit(keeps: (path: string) => boolean, edit = (_path: string, text: string): string => text): string {
    const kept = [...this.files]
      .filter(([path]) => keeps(path))
      .map(([path, text]) => [path, edit(path, text)] as const);
    return this.bench.repository.commit(new Map([...kept, ['README.md', 'The homelab.\n']]), 'change');
  }

  git(...args: readonly string[]): string {
    const GIT_DIR = fileURLToPath(this.bench.repository.url);
    const [name, email] = ['bench', 'bench@example.org'];
    const author = {
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: email,
      GIT_COMMITTER_NAME: name,
      GIT_COMMITTER_EMAIL: email,
    };
    const env = { PATH: process.env.PATH, HOME: this.bench.folder, GIT_DIR, ...author };
    return execFileSync('git', args, { env, encoding: 'utf8', timeout: 30_000 }).trim();
  }

  /** `<kind> <namespace>/<name>` of everything in the first commit to its uid: another one is another object. */
  uids(): Readonly<Record<string, string>> {
    const text = [...this.files.values()].join('\n---\n');
    const printed = this.bench.kubectl(['get', '--ignore-not-found', '--output=json', '--filename=-'], text);
    // What the API server prints of a list.
    const { items } = JSON.parse(printed) as { items: { kind: string; metadata: Record<string, string> }[] };
    return Object.fromEntries(
      items.map(({ kind, metadata }) => [`${kind} ${metadata.namespace}/${metadata.name}`, metadata.uid ?? '']),
    );
  }

  /** Waits until Argo CD has read Git anew, and done what it then began. */
  async looked(...applications: readonly string[]): Promise<void> {
    await refreshAll(this.bench, applications);
    for (const name of applications) {
      await this.bench.until(`${name} is looked at`, () =>
        this.bench.get('applications.argoproj.io', name, 'argocd')?.operation === undefined ? true : undefined,
      );
    }
  }

  /** Waits until everything is as that commit says. What was never out of step has had nothing to sync since. */
  async inStep(revision: string): Promise<void> {
    await this.bench.until(`in step with ${revision}`, () => {
      const found = applicationsOf(this.bench);
      const late = found.filter(
        (app) => app.sync !== 'Synced' || app.revision !== revision || app.conditions.length > 0,
      );
      for (const { name, isAsked } of late) if (!isAsked) this.bench.refresh(name);
      if (late.length > 0) throw new Error(JSON.stringify(late));
      return found.length === APPLICATIONS.length || undefined;
    });
  }

  /** What Argo CD complains about. */
  conditions = (application: string): string => applicationOf(this.bench, application).conditions.join('; ');
}

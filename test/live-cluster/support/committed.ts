/** A cluster's `dist/` as committed, in the bench's repository, and how its owner lets Argo CD find it. */
import { readFileSync } from 'node:fs';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { type Files, layOut } from '../../../src/manifest/layout.js';
import { renderCluster } from '../../../src/synth/render.js';
import { filesIn } from '../../support/sources.js';
import type { Bench } from '../bench/bench.js';

/** Every file of `dist/<cluster>`; where it names the cluster's repository it names this one. */
export function committedDist({ name, gitops }: Cluster, repositoryUrl: string): Files {
  const paths = filesIn(`dist/${name}`);
  if (paths.length === 0) throw new Error(`dist/${name}: expected manifests, got no file`);
  return new Map(paths.map((path) => [path, readFileSync(path, 'utf8').replaceAll(gitops.repoUrl, repositoryUrl)]));
}

/** What synth writes for the cluster today; for tests that change the description or what is generated. */
export const generatedDist = (cluster: Cluster, repositoryUrl: string): Files =>
  layOut(cluster.gitops.path, renderCluster({ ...cluster, gitops: { ...cluster.gitops, repoUrl: repositoryUrl } }));

/** The step by hand of a first sync: `kubectl apply --server-side -f dist/<cluster>/argocd`. */
export function applyByHand(bench: Bench, { name }: Cluster, files: Files): void {
  const folder = [...files].filter(([path]) => path.startsWith(`dist/${name}/argocd/`)).map(([, text]) => text);
  bench.kubectl(['apply', '--server-side', '-f', '-'], folder.join('\n---\n'));
}

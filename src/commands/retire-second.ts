/** The second of the two commits: whether it may follow, and making it. */
import { join } from 'node:path';
import { applicationName } from '../argo/application-name.js';
import { readTree } from '../argo/read-tree.js';
import { FOREIGN } from '../argo/sync-options.js';
import type { SyncedApplication } from '../argo/tree.js';
import type { Cluster } from '../cluster/cluster.js';
import { show } from '../cluster/parse/issue.js';
import { folderOfPatch, isOfPatch } from '../cluster/patches.js';
import { OperatorError } from '../errors.js';
import type { KubeApi } from '../live/kube-api.js';
import type { Files } from '../manifest/layout.js';
import { refOf } from '../manifest/live-object.js';
import type { Manifest } from '../manifest/manifest.js';
import { parseManifests } from '../manifest/read.js';
import type { CheckResult } from '../ops/check/result.js';
import { firstCommitLive } from '../ops/foreign/first-commit.js';
import { lostPatches } from '../ops/foreign/lost-patches.js';
import { readFolderAt } from '../repository/folder.js';
import type { WorkTree } from '../repository/work-tree.js';
import { replaceFolder } from '../synth/dist-folder.js';
import type { Description } from '../synth/load-clusters.js';
import { refuseOtherCluster, unknownCluster } from './described-cluster.js';
import { committed, filesOf, refuseOtherOutput, refuseUnreadyTree } from './retire-commit.js';

export interface PatchFile {
  /** Below the output folder. */
  readonly path: string;
  readonly manifest: Manifest;
}

/** The objects of a patch in an output folder. */
export const filesOfPatch = (files: Files, cluster: string, patch: string): readonly PatchFile[] =>
  [...files].flatMap(([path, text]) => {
    const [name, application = ''] = path.split('/');
    if (name !== cluster || !text.includes(FOREIGN)) return [];
    return parseManifests(path, text)
      .filter((manifest) => manifest.metadata.annotations?.[FOREIGN] !== undefined)
      .filter((manifest) => isOfPatch(patch, { application, manifest }))
      .map((manifest) => ({ path, manifest }));
  });

/** Where a patch that is described no more has had its files, below the output folder; namesakes have their namespace. */
export function placesOfPatch({ name }: Cluster, patch: string): readonly string[] {
  const [folder = '', namespace, deployment] = patch.split('/');
  if (deployment === undefined) return [`${name}/${folder}`];
  return [`deployment-${deployment}`, `deployment-${deployment}.${namespace}`].map(
    (file) => `${name}/${folder}/${file}.yaml`,
  );
}

/** @throws OperatorError when the context is another cluster. */
export async function lookAtFirstCommit(
  api: KubeApi,
  cluster: Cluster,
  patch: string,
  objects: readonly PatchFile[],
  out: string,
  tree: WorkTree,
): Promise<readonly CheckResult[]> {
  const unknown = await refuseOtherCluster(api, cluster);
  if (unknown !== null) return [unknownCluster(cluster, unknown)];
  const first = tree.lastCommitOf(objects.map(({ path }) => join(out, path)));
  if (first === null)
    throw new OperatorError(`patch ${show(patch)}: expected a commit that takes it back, got none in this repository`);
  const described = applicationAtHead(cluster, patch, out);
  const [application, ...live] = await Promise.all([
    api.get(refOf(described.source.manifest)),
    ...objects.map(({ manifest }) => api.get(refOf(manifest))),
  ]);
  return firstCommitLive({
    objects: objects.flatMap(({ manifest }, index) => {
      const answer = live[index];
      return answer === undefined ? [] : [{ manifest, live: answer }];
    }),
    application: { described, live: application, holdsFirstCommit: (revision) => tree.holds(revision, first) },
  });
}

/** As the first commit has it, not as the description would have it by now. */
function applicationAtHead(cluster: Cluster, patch: string, out: string): SyncedApplication {
  const { files, root } = readFolderAt('HEAD', out);
  const wanted = applicationName(cluster, folderOfPatch(patch));
  const found = readTree(files, root).applications.find(
    (each) => each.name === wanted && each.source.file.startsWith(`${cluster.name}/`),
  );
  if (found !== undefined) return found;
  throw new OperatorError(
    `output ${show(out)}: expected the Application ${show(wanted)} of ${cluster.name} in the last commit, got none`,
    ['does the description still say the same under gitops?'],
  );
}

interface SecondCommit {
  readonly files: Files;
  readonly paths: readonly string[];
}

/** @throws OperatorError with what stands in the way; nothing is written. */
export function planSecondCommit(
  patch: string,
  { file, cluster }: Description,
  all: readonly Description[],
  atHead: Files,
  out: string,
  tree: WorkTree,
): SecondCommit {
  const files = filesOf(all.map((one) => one.cluster));
  refuseOtherPatches(patch, cluster, atHead, files);
  refuseOtherOutput(out, atHead, files);
  const changed = [...new Set([...atHead.keys(), ...files.keys()])]
    .filter((path) => atHead.get(path) !== files.get(path))
    .map((path) => join(out, path))
    .sort();
  const paths = [...tree.changed([file]), ...changed];
  refuseUnreadyTree(tree, paths);
  return { files, paths };
}

/** Dropped at the same time: nobody asked the live cluster about them. */
function refuseOtherPatches(patch: string, { name }: Cluster, atHead: Files, files: Files): void {
  const others = lostPatches(atHead, files).filter(
    ({ cluster, file, manifest }) =>
      cluster === name && !isOfPatch(patch, { application: file.split('/')[1] ?? '', manifest }),
  );
  const [first] = others;
  if (first === undefined) return;
  throw new OperatorError(
    `description of ${name}: expected one patch to go at a time, got ${[...new Set([patch, ...others.map((other) => other.patch)])].join(', ')}`,
    [`put back what asks for ${first.patch} first: it is taken back by commits of its own`],
  );
}

export function makeSecondCommit(
  { files, paths }: SecondCommit,
  patch: string,
  { cluster }: Description,
  out: string,
  tree: WorkTree,
): string {
  replaceFolder(out, files);
  return committed(
    tree,
    paths,
    `${cluster.name}: drop ${patch}`,
    `Second of two commits: the first is live, none of our fields is on the\nobjects any more. They stay as their owner has them.`,
  );
}

/** `selfheal retire`: takes the patch of a foreign object back, in two commits. */
import { join } from 'node:path';
import { applicationName } from '../argo/application-name.js';
import { FOREIGN } from '../argo/sync-options.js';
import type { Cluster } from '../cluster/cluster.js';
import { didYouMean, show } from '../cluster/parse/issue.js';
import { describedPatches, folderOfPatch, PATCH_FOLDERS, type PatchName } from '../cluster/patches.js';
import { OperatorError } from '../errors.js';
import { type CheckResult, inWords, verdictOf } from '../ops/check/result.js';
import { readFolderAt } from '../repository/folder.js';
import { openWorkTree, type WorkTree } from '../repository/work-tree.js';
import { clearLeftovers } from '../synth/dist-folder.js';
import { type Description, loadDescriptions } from '../synth/load-clusters.js';
import { CLUSTER_FLAGS, CLUSTER_FLAGS_HELP, connectTo } from './cluster-flags.js';
import type { Command, Io } from './command.js';
import { meantCluster } from './described-cluster.js';
import { clustersFolder, readFlagsAndFiles } from './flags.js';
import { makeFirstCommit, planFirstCommit } from './retire-first.js';
import {
  filesOfPatch,
  lookAtFirstCommit,
  makeSecondCommit,
  type PatchFile,
  placesOfPatch,
  planSecondCommit,
} from './retire-second.js';

const FLAGS = {
  ...CLUSTER_FLAGS,
  apply: { type: 'boolean' },
  cluster: { type: 'string' },
  clusters: { type: 'string' },
  out: { type: 'string' },
} as const;

type Flags = Readonly<Record<'context' | 'kubeconfig' | 'timeout', string | undefined>>;

interface Asked {
  readonly patch: string;
  readonly description: Description;
  readonly all: readonly Description[];
  readonly out: string;
  readonly apply: boolean;
  readonly tree: WorkTree;
  readonly flags: Flags;
}

export const retire: Command = {
  help: `Usage: selfheal retire PATCH [--cluster NAME] [--apply] [--context NAME] [place]

Takes our fields off objects that are not ours, and leaves the objects. A patch is named by its Application's folder
(coredns, longhorn-csi-spread, keep-off); one Deployment of several: keep-off/NAMESPACE/NAME. Run it again for each step;
it says which one it is, and writes nothing without --apply.

  1. selfheal retire coredns --apply              the first commit: the description lists the patch under retiring,
                                                  and the files keep the objects' names only
  2. push it, and wait for Argo CD
  3. selfheal retire coredns --context attic      may the second follow?
  4. drop the section and its name in retiring from the description
  5. selfheal retire coredns --context attic --apply   the second commit, refused while the first is not live
  6. push it, and delete the Application

  --apply            write the files and commit them: these paths and no others
${CLUSTER_FLAGS_HELP}
  --cluster NAME     which description, where there are several
  --clusters FOLDER  where the descriptions are (default: src/clusters if there is one, else clusters)
  --out FOLDER       where the manifests are (default: dist)

Exit status: 0 done, or the next step may be taken, 1 the second commit must wait, 2 it cannot be told, wrong input or
usage, or something stands in the way.

  # what would the first commit hold?
  selfheal retire longhorn-csi-spread --cluster attic
  # is the first one live?
  selfheal retire longhorn-csi-spread --cluster attic --context attic`,

  async run(args, io) {
    const { values, files } = readFlagsAndFiles(args, FLAGS);
    const { apply = false, cluster, clusters, out = 'dist', context, kubeconfig, timeout } = values;
    const [patch, ...more] = files;
    if (patch === undefined || more.length > 0)
      throw new OperatorError(
        `patch: expected one, e.g. "coredns", got ${patch === undefined ? 'nothing' : show(more[0])}`,
      );
    const all = await loadDescriptions(clustersFolder(clusters, io));
    const description = meantCluster(all, cluster);
    const name = describedPatches(description.cluster).find((known) => known === patch);
    if (name === undefined && !isPatchName(patch)) throw unknownPatch(patch, description.cluster);
    const flags = { context, kubeconfig, timeout };
    // A run that was stopped while it replaced the folder.
    if (apply) clearLeftovers(out);
    const asked = { patch, description, all, out, apply, tree: openWorkTree('.'), flags };
    return name === undefined ? second(asked, io) : first(name, asked, io);
  },
};

/** Of a patch that is described no more there is only the name. */
const isPatchName = (patch: string): boolean =>
  /^keep-off\/[^/]+\/[^/]+$/.test(patch) || PATCH_FOLDERS.some((known) => known === patch);

function unknownPatch(patch: string, cluster: Cluster): OperatorError {
  const described = describedPatches(cluster);
  return new OperatorError(
    `patch: expected one that ${cluster.name} has or had (${described.join(', ') || 'it has none'}), got ${show(patch)}${didYouMean(patch, described)}`,
  );
}

async function first(patch: PatchName, asked: Asked, io: Io): Promise<0 | 1 | 2> {
  const { description, all, out, apply, tree, flags } = asked;
  const { name } = description.cluster;
  const plan = await planFirstCommit(patch, description, all, out, tree);
  const next = `selfheal retire ${patch} --cluster ${name} --context CONTEXT`;
  if (plan !== null) {
    io.out(`${patch} of ${name}: the first of two commits`);
    io.out(
      plan.text === null
        ? `  ${description.file} lists it under retiring`
        : `  ${description.file}: retiring: ${patch}`,
    );
    for (const path of plan.paths.slice(1)) io.out(`  ${path}`);
    if (apply) io.out(`committed ${makeFirstCommit(plan, tree).slice(0, 12)}: push it`);
    else io.err('nothing was written: --apply writes and commits it');
    io.out(`the second may follow when Argo CD has synced it: ${next}`);
    return 0;
  }
  if (flags.context === undefined) {
    io.out(`${patch} of ${name}: the first of two commits is made`);
    io.out(`push it; when Argo CD has synced it, the second may follow: ${next}`);
    return 0;
  }
  const status = await whetherLive(filesOfPatch(readFolderAt('HEAD', out).files, name, patch), asked, io);
  if (status === 0) {
    io.out(
      `the second may follow: drop from ${description.file} what asks for ${patch}, and its name in retiring; then`,
    );
    io.out(`  selfheal retire ${patch} --cluster ${name} --context ${flags.context} --apply`);
  }
  return status;
}

async function second(asked: Asked, io: Io): Promise<0 | 1 | 2> {
  const { patch, description, all, out, apply, tree } = asked;
  const { cluster, file } = description;
  const atHead = readFolderAt('HEAD', out).files;
  const objects = filesOfPatch(atHead, cluster.name, patch);
  if (objects.length === 0) {
    if (tree.lastCommitOf(placesOfPatch(cluster, patch).map((path) => join(out, path))) === null)
      throw unknownPatch(patch, cluster);
    io.out(`${patch} of ${cluster.name}: neither described nor in ${out}: there is nothing to take back`);
    return 0;
  }
  const patched = objects.find(({ manifest }) => manifest.metadata.annotations?.[FOREIGN] !== 'retiring');
  if (patched !== undefined)
    throw new OperatorError(
      `patch ${show(patch)}: expected ${file} to describe it until the first commit is live, got a description without it`,
      ['put back what was dropped, then run this again'],
    );
  io.out(`${patch} of ${cluster.name}: the second of two commits`);
  const plan = planSecondCommit(patch, description, all, atHead, out, tree);
  for (const path of plan.paths) io.out(`  ${path}`);
  const status = await whetherLive(objects, asked, io);
  if (status !== 0) return status;
  if (apply)
    io.out(`committed ${makeSecondCommit(plan, patch, description, out, tree).slice(0, 12)}: push it, and then`);
  else io.err('nothing was written: --apply writes and commits it; push it, and then');
  const application = applicationName(cluster, folderOfPatch(patch));
  const isShared = [...plan.files.keys()].some((path) => path.startsWith(`${cluster.name}/${folderOfPatch(patch)}/`));
  if (!isShared)
    io.out(`  kubectl -n ${cluster.gitops.namespace} delete application ${application}   # deletes nothing else`);
  return 0;
}

async function whetherLive(objects: readonly PatchFile[], asked: Asked, io: Io): Promise<0 | 1 | 2> {
  const { description, patch, out, tree, flags } = asked;
  const api = await connectTo(flags, io);
  try {
    const results = await lookAtFirstCommit(api, description.cluster, patch, objects, out, tree);
    for (const line of results.flatMap(linesOf)) io.out(line);
    const verdict = verdictOf(results);
    if (verdict === 'pass') return 0;
    io.out(
      verdict === 'fail'
        ? 'the second commit must wait: the file would go, and our fields would stay on the object for ever'
        : 'whether the first commit is live cannot be told, so the second must wait',
    );
    return verdict === 'fail' ? 1 : 2;
  } finally {
    api.close();
  }
}

const linesOf = (result: CheckResult): readonly string[] => [
  `${result.verdict.padEnd(7)} ${result.subject}: ${inWords(result)}`,
  ...(result.next === '' ? [] : [`        ${result.next}`]),
];

/** `selfheal diff`: what Argo CD will do with a change of the manifests. */
import { readTree } from '../argo/read-tree.js';
import type { Tree } from '../argo/tree.js';
import { show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import { jsonReport } from '../ops/change/json.js';
import { liveSides } from '../ops/change/live-sides.js';
import { markdownReport } from '../ops/change/markdown.js';
import { type Report, reportOf, statusOf } from '../ops/change/report.js';
import { type Paint, textReport } from '../ops/change/text.js';
import { commitOf, type Folder, forkPoint, readFolder, readFolderAt } from '../repository/folder.js';
import { CLUSTER_FLAGS, CLUSTER_FLAGS_HELP, type ClusterFlags, connectTo, refuseWithoutLive } from './cluster-flags.js';
import type { Command, Io } from './command.js';
import { meantApplications } from './described-cluster.js';
import { chosenOutput, clustersFolder, readFlags } from './flags.js';
import { lookAtState } from './live-state.js';
import { staleness } from './staleness.js';

const OUTPUTS = ['text', 'markdown', 'json'] as const;

export const diff: Command = {
  help: `Usage: selfheal diff [--base REF] [--head REF] [--dist FOLDER] [-o text|markdown|json] [--full]
       selfheal diff --live --context NAME [--head REF] [--dist FOLDER] [place] [-o text|markdown|json] [--full]

Reads a folder of manifests twice, as it is in a commit and as it is now, finds the Applications in it, and says of each
object what will happen to it: created, changed, rolled, refused, recreated, pruned, orphaned, renamed, moved; and what
follows on the hosts. Charts, Kustomize and ApplicationSets are not rendered; it says which Applications that leaves out.
Values of Secrets are never shown, and nothing is written.

With --live, the cluster as it is now stands in the commit's place, whatever was synced or changed by hand: the API server
is asked what an apply would make of each object (a dry run), and Argo CD's Applications what else they have. Without it,
no cluster is asked.

  --base REF         compare with this branch, tag or commit (default: HEAD). What others have put there since your
                     branch left it is not yours and is not shown
  --head REF         compare this commit (default: the files as they are on the disk)
  --dist FOLDER      the manifests, or the whole repository (default: dist)
  --clusters FOLDER  where the descriptions are (default: src/clusters if there is one, else clusters)
  -o, --output FORM  text, markdown for a pull request, or json (default: text)
  --full             every line of every text that differs
  --live             compare with the cluster of --context
${CLUSTER_FLAGS_HELP}
  --cluster NAME     which of the clusters that the folder holds

Exit status: 0 no change, 1 changes, 2 no change seen but something could not be told, wrong input, usage, or another
cluster than the described one.

  # before the commit
  selfheal diff
  # of a whole branch, as a comment on its pull request
  selfheal diff --base main -o markdown
  # any repository that Argo CD reads
  selfheal diff --dist . --base HEAD~1 --head HEAD
  # what a sync of this branch would do to the cluster as it is now
  selfheal diff --live --context attic --cluster attic`,

  async run(args, io) {
    const flags = {
      base: { type: 'string' },
      head: { type: 'string' },
      dist: { type: 'string' },
      clusters: { type: 'string' },
      output: { type: 'string', short: 'o' },
      full: { type: 'boolean' },
      live: { type: 'boolean' },
      cluster: { type: 'string' },
      ...CLUSTER_FLAGS,
    } as const;
    const {
      base,
      head,
      dist = 'dist',
      clusters,
      output = 'text',
      full,
      live,
      cluster,
      ...place
    } = readFlags(args, flags);
    const format = chosenOutput(output, OUTPUTS);

    const now = head === undefined ? readFolder(dist) : readFolderAt(head, dist);
    const side = head === undefined ? 'the working tree' : `${head} (${commitOf(head, dist).slice(0, 7)})`;
    if (live && base !== undefined)
      throw new OperatorError('--base: expected either a commit or --live to compare with, got both');
    if (!live) refuseWithoutLive({ cluster, ...place });
    const report = live
      ? await againstCluster(treeOf(now, side), side, { ...place, cluster }, io)
      : againstCommit(base ?? 'HEAD', head, dist, now, side);
    for (const line of rendered(report, format, full === true, io)) io.out(line);
    if (head === undefined)
      for (const line of await staleness(dist, now.files, clustersFolder(clusters, io), io)) io.err(line);
    return statusOf(report);
  },
};

function againstCommit(base: string, head: string | undefined, dist: string, now: Folder, side: string): Report {
  const compared = forkPoint(base, head, dist);
  const before = readFolderAt(compared, dist);
  if (now.files.size === 0 && before.files.size === 0)
    throw new OperatorError(`folder ${show(dist)}: expected manifests on one side at least, got none`, [
      'name the folder with --dist',
    ]);
  const sides = { base: `${base} (${compared.slice(0, 7)})`, head: side };
  return reportOf(sides, treeOf(before, sides.base), treeOf(now, side));
}

async function againstCluster(
  tree: Tree,
  side: string,
  { cluster, ...place }: ClusterFlags & { readonly cluster?: string | undefined },
  io: Io,
): Promise<Report> {
  const head: Tree = { applications: meantApplications(tree, cluster), unclaimed: [] };
  const api = await connectTo(place, io);
  try {
    const { base, head: made, ...asked } = liveSides(await lookAtState(api, head));
    return reportOf({ base: `cluster ${api.context}`, head: side }, base, made, asked);
  } finally {
    api.close();
  }
}

function treeOf({ files, root }: Folder, side: string) {
  try {
    return readTree(files, root);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    throw new OperatorError(`${side}: ${error.message}`, error.hints, { cause: error });
  }
}

const LINES_IN_TEXT = 24;

function rendered(report: Report, format: (typeof OUTPUTS)[number], full: boolean, io: Io): readonly string[] {
  const most = full ? null : LINES_IN_TEXT;
  switch (format) {
    case 'json':
      return [jsonReport(report)];
    case 'markdown':
      return [markdownReport(report, most).trimEnd()];
    case 'text':
      return textReport(report, most, io.colours ? coloured : plain);
  }
}

const CODES = { danger: '1;31', care: '33', added: '32', removed: '31', faint: '2' } as const;

const coloured: Paint = (what, text) => `\u001b[${CODES[what]}m${text}\u001b[0m`;

const plain: Paint = (_, text) => text;

/** `selfheal diff`: what Argo CD will do with a change of the manifests. */
import { readTree } from '../argo/read-tree.js';
import { show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import { jsonReport } from '../ops/change/json.js';
import { markdownReport } from '../ops/change/markdown.js';
import { type Report, reportOf } from '../ops/change/report.js';
import { type Paint, textReport } from '../ops/change/text.js';
import { commitOf, type Folder, forkPoint, readFolder, readFolderAt } from '../repository/folder.js';
import type { Command, Io } from './command.js';
import { clustersFolder, readFlags } from './flags.js';
import { staleness } from './staleness.js';

const OUTPUTS = ['text', 'markdown', 'json'] as const;

export const diff: Command = {
  name: 'diff',
  summary: 'say what Argo CD will do with a change of the manifests',
  help: `Usage: selfheal diff [--base REF] [--head REF] [--dist FOLDER] [-o text|markdown|json] [--full]

Reads a folder of manifests twice, as it is in a commit and as it is now, finds the Applications in it, and says of each
object what will happen to it: created, changed, rolled, refused, recreated, pruned, orphaned, renamed, moved; and what
follows on the hosts. Charts, Kustomize and ApplicationSets are not rendered; it says which Applications that leaves out.
Values of Secrets are never shown. Nothing is asked of a cluster, and nothing is written.

  --base REF         compare with this branch, tag or commit (default: HEAD). What others have put there since your
                     branch left it is not yours and is not shown
  --head REF         compare this commit (default: the files as they are on the disk)
  --dist FOLDER      the manifests, or the whole repository (default: dist)
  --clusters FOLDER  where the descriptions are (default: src/clusters if there is one, else clusters)
  -o, --output FORM  text, markdown for a pull request, or json (default: text)
  --full             every line of every text that differs

Exit status: 0 no change, 1 changes, 2 wrong input or usage.

  # before the commit
  selfheal diff
  # of a whole branch, as a comment on its pull request
  selfheal diff --base main -o markdown
  # any repository that Argo CD reads
  selfheal diff --dist . --base HEAD~1 --head HEAD`,

  async run(args, io) {
    const flags = {
      base: { type: 'string' },
      head: { type: 'string' },
      dist: { type: 'string' },
      clusters: { type: 'string' },
      output: { type: 'string', short: 'o' },
      full: { type: 'boolean' },
    } as const;
    const { base = 'HEAD', head, dist = 'dist', clusters, output = 'text', full } = readFlags(args, flags);
    const format = OUTPUTS.find((each) => each === output);
    if (format === undefined)
      throw new OperatorError(`--output: expected one of ${OUTPUTS.join(', ')}, got ${show(output)}`);

    const now = head === undefined ? readFolder(dist) : readFolderAt(head, dist);
    const compared = forkPoint(base, head, dist);
    const before = readFolderAt(compared, dist);
    if (now.files.size === 0 && before.files.size === 0)
      throw new OperatorError(`folder ${show(dist)}: expected manifests on one side at least, got none`, [
        'name the folder with --dist',
      ]);
    const sides = {
      base: `${base} (${compared.slice(0, 7)})`,
      head: head === undefined ? 'the working tree' : `${head} (${commitOf(head, dist).slice(0, 7)})`,
    };
    const report = reportOf(sides, treeOf(before, sides.base), treeOf(now, sides.head));
    for (const line of rendered(report, format, full === true, io)) io.out(line);
    if (head === undefined)
      for (const line of await staleness(dist, now.files, clustersFolder(clusters, io), io)) io.err(line);
    return report.changes.length === 0 ? 0 : 1;
  },
};

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

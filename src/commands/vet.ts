/** `selfheal vet`: what of a change would lose data, rights or service once Argo CD syncs it. */
import { readTree } from '../argo/read-tree.js';
import type { Tree } from '../argo/tree.js';
import { show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import { judge } from '../ops/vet/accept.js';
import { DEFAULT_LIMITS, type Finding, vetChange } from '../ops/vet/index.js';
import { type LineOf, linesIn } from '../ops/vet/line.js';
import type { LiveLook } from '../ops/vet/live.js';
import { jsonReport, markdownReport, statusOf, textReport, type VetReport } from '../ops/vet/report.js';
import type { Limits } from '../ops/vet/rule.js';
import { sarifReport } from '../ops/vet/sarif.js';
import { type Folder, forkPoint, readFolder, readFolderAt } from '../repository/folder.js';
import { CLUSTER_FLAGS, CLUSTER_FLAGS_HELP, connectTo, refuseWithoutLive } from './cluster-flags.js';
import type { Command, Io } from './command.js';
import { meantApplications } from './described-cluster.js';
import { accepted, chosenOutput, readFlags } from './flags.js';
import { lookAtHead } from './vet-live.js';

const OUTPUTS = ['text', 'markdown', 'json', 'sarif'] as const;

export const vet: Command = {
  help: `Usage: selfheal vet [--base REF] [--head REF] [--dist FOLDER] [-o text|markdown|json|sarif]
                    [--accept RULE:OBJECT]... [--prune-share PERCENT] [--prune-count N]
                    [--live --context NAME [--cluster NAME]]

Reads the folder of manifests as it was and as it is, as Argo CD would, and holds the change against rules:
what it deletes, what it lets in, what it blocks. Changes nothing, and asks no cluster unless told to. Any
folder with Applications in it will do; the rules are in docs/vet.md.

  --base REF        a branch, tag or commit; the change begins where it parted from there (default: HEAD)
  --head REF        the same for its end (default: the folder as it is on the disk)
  --dist FOLDER     the folder of manifests in its repository (default: dist)
  -o, --output FORMAT   text (default), markdown for a pull request, json, sarif for code scanning
  --accept RULE:OBJECT  a finding that is meant, as it is printed; it is shown as accepted. One that is
                        found no more is refused, so that none stays behind. May be given several times
  --prune-share PERCENT   how much of an Application may go at once (default: ${DEFAULT_LIMITS.pruneShare})
  --prune-count N         unless it is fewer objects than this (default: ${DEFAULT_LIMITS.pruneCount})

  --live             also asks a cluster what somebody mended there by hand, and what of it head takes back
  --cluster NAME     which folder of --dist is that cluster, where there are several
${CLUSTER_FLAGS_HELP}

Exit status: 0 nothing found or all of it accepted, 1 something found, warnings too, 2 wrong input or usage,
or nothing found and something of the live cluster could not be told.

  # what have I changed since the last commit?
  selfheal vet
  # in a pull request, as a comment
  selfheal vet --base origin/main -o markdown
  # the claim is empty and may go
  selfheal vet --base origin/main --accept 'removed-claim:PersistentVolumeClaim tools/data'
  # would this take back what somebody did last night?
  selfheal vet --live --context admin@attic --cluster attic`,

  async run(args, io) {
    const values = readFlags(args, {
      base: { type: 'string', default: 'HEAD' },
      head: { type: 'string' },
      dist: { type: 'string', default: 'dist' },
      output: { type: 'string', short: 'o', default: 'text' },
      accept: { type: 'string', multiple: true, default: [] },
      'prune-share': { type: 'string' },
      'prune-count': { type: 'string' },
      live: { type: 'boolean', default: false },
      cluster: { type: 'string' },
      ...CLUSTER_FLAGS,
    });
    const output = chosenOutput(values.output, OUTPUTS);
    const limits: Limits = {
      pruneShare: readNumber('--prune-share', values['prune-share'], 100) ?? DEFAULT_LIMITS.pruneShare,
      pruneCount: readNumber('--prune-count', values['prune-count'], 10_000) ?? DEFAULT_LIMITS.pruneCount,
    };

    const { base, head, dist, live } = values;
    const { context, cluster, kubeconfig, timeout } = values;
    if (!live) refuseWithoutLive({ context, cluster, kubeconfig, timeout });
    const before = readFolderAt(forkPoint(base, head, dist), dist);
    const after = head === undefined ? readFolder(dist) : readFolderAt(head, dist);
    for (const [folder, where] of [[before, base] as const, [after, head ?? 'the disk'] as const]) {
      if (folder.files.size === 0) io.err(`${dist}: no manifests in it at ${where}`);
    }
    const [old, now] = [readTree(before.files, before.root), readTree(after.files, after.root)];
    const look = live ? await lookAt(now, values, io) : null;
    const { findings, unknown } = vetChange(old, now, {
      limits,
      changedFiles: changedFiles(before, after),
      live: look,
    });
    const judged = accepted(judge(findings, values.accept));
    const [ofBase, ofHead] = [places(before), places(after)];
    const report: VetReport = {
      base,
      unknown,
      head: head ?? dist,
      findings: judged.map((finding) => ({
        ...finding,
        ...(finding.side === 'base' ? ofBase : ofHead)(finding),
      })),
    };

    for (const line of linesOf(output, report)) io.out(line);
    return statusOf(report);
  },
};

async function lookAt(
  head: Tree,
  { cluster, ...flags }: Parameters<typeof connectTo>[0] & { readonly cluster?: string | undefined },
  io: Io,
): Promise<LiveLook> {
  const applications = meantApplications(head, cluster);
  const api = await connectTo(flags, io);
  try {
    return await lookAtHead(api, applications);
  } finally {
    api.close();
  }
}

const changedFiles = (before: Folder, after: Folder): readonly string[] =>
  [...new Set([...before.files.keys(), ...after.files.keys()])].filter(
    (file) => before.files.get(file) !== after.files.get(file),
  );

/** Where findings are in a folder: each file that has some is read once. */
function places({ files, root }: Folder) {
  const read = new Map<string, { readonly lineOf: LineOf; readonly lines: readonly string[] }>();
  return ({ file, object, field }: Finding) => {
    const text = files.get(file) ?? '';
    const { lineOf, lines } = read.get(file) ?? { lineOf: linesIn(text), lines: text.split(/\r?\n/) };
    read.set(file, { lineOf, lines });
    const line = lineOf(object, field);
    return { path: root === '' ? file : `${root}/${file}`, line, width: lines[line - 1]?.length ?? 0 };
  };
}

function linesOf(output: (typeof OUTPUTS)[number], report: VetReport): readonly string[] {
  if (output === 'json') return [jsonReport(report)];
  if (output === 'sarif') return [sarifReport(report)];
  return output === 'markdown' ? markdownReport(report) : textReport(report);
}

function readNumber(flag: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= most) return value;
  throw new OperatorError(`${flag}: expected a whole number of at most ${most}, got ${show(text)}`);
}

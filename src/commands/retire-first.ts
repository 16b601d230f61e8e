/** The first of the two commits that take a patch back: what it holds, why it may not be made, and making it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../cluster/cluster.js';
import { show } from '../cluster/parse/issue.js';
import type { PatchName } from '../cluster/patches.js';
import { OperatorError } from '../errors.js';
import type { Files } from '../manifest/layout.js';
import { retiringLine, withRetiring } from '../ops/foreign/description-edit.js';
import type { WorkTree } from '../repository/work-tree.js';
import { compareFolder, replaceFolder } from '../synth/dist-folder.js';
import { clusterOfText, type Description } from '../synth/load-clusters.js';
import { committed, filesOf, refuseOtherOutput, refuseUnreadyTree } from './retire-commit.js';

interface FirstCommit {
  readonly patch: PatchName;
  readonly description: Description;
  /** The description's new text; null where it says so already. */
  readonly text: string | null;
  readonly out: string;
  /** Everything that synth gives then. */
  readonly files: Files;
  /** What the commit holds, the description among it. */
  readonly paths: readonly string[];
}

/**
 * Null where the commit is made already.
 *
 * @throws OperatorError with what stands in the way; nothing is written.
 */
export async function planFirstCommit(
  patch: PatchName,
  description: Description,
  all: readonly Description[],
  out: string,
  tree: WorkTree,
): Promise<FirstCommit | null> {
  const { file, cluster } = description;
  const others = cluster.retiring.filter((name) => name !== patch);
  const rendered = (retiring: readonly PatchName[]): Files =>
    filesOf(all.map((one) => (one === description ? { ...cluster, retiring } : one.cluster)));
  const [before, files] = [rendered(others), rendered([...others, patch])];
  const paths = [...new Set([...before.keys(), ...files.keys()])]
    .filter((path) => before.get(path) !== files.get(path))
    .sort();
  refuseOtherOutput(out, before, files);
  const placed = paths.map((path) => join(out, path));
  const isDescribed = cluster.retiring.includes(patch);
  if (isDescribed && tree.changed([file, ...placed]).length === 0 && compareFolder(out, files).length === 0)
    return null;

  refuseUnreadyTree(tree, [file, ...placed]);
  for (const path of paths) {
    const head = tree.textAtHead(join(out, path));
    if (head !== (before.get(path) ?? null) && head !== (files.get(path) ?? null))
      throw new OperatorError(
        `output ${show(join(out, path))}: expected in the last commit what synth gives, got something else`,
        ['commit what selfheal synth writes first, so that this commit holds nothing else'],
      );
  }
  const text = isDescribed ? await refuseOtherEdits(description, tree) : await edited(description, patch, tree);
  return { patch, description, text, out, files, paths: [file, ...placed] };
}

/** Writes and commits. Answers the commit's hash. */
export function makeFirstCommit({ patch, description, text, out, files, paths }: FirstCommit, tree: WorkTree): string {
  if (text !== null) writeFileSync(description.file, text);
  replaceFolder(out, files);
  return committed(
    tree,
    paths,
    `${description.cluster.name}: take back ${patch}`,
    `First of two commits. The patched objects are reduced to their names, or to\nwhat their owner wrote, so that our fields leave them. The second drops the\nfiles, once this one is live:\nselfheal retire ${patch} --cluster ${description.cluster.name} --context CONTEXT`,
  );
}

/** Edited by hand already: null, where nothing but the list was. */
async function refuseOtherEdits({ file, cluster }: Description, tree: WorkTree): Promise<null> {
  if (tree.changed([file]).length === 0) return null;
  const head = tree.textAtHead(file);
  const known = head === null ? null : await clusterOfText(file, head);
  if (known !== null && isSameBut(known, cluster)) return null;
  throw new OperatorError(
    `description ${show(file)}: expected no change but to retiring since the last commit, got more`,
    ['commit the rest first: this commit holds nothing else'],
  );
}

async function edited({ file, cluster }: Description, patch: PatchName, tree: WorkTree): Promise<string> {
  if (tree.changed([file]).length > 0)
    throw new OperatorError(`description ${show(file)}: expected no change since the last commit, got one`, [
      'commit it or put it back first: this commit holds nothing else',
    ]);
  const wanted = [...cluster.retiring, patch];
  const text = withRetiring(readFileSync(file, 'utf8'), cluster.name, patch);
  const known = text === undefined ? null : await clusterOfText(file, text);
  if (
    text !== undefined &&
    known !== null &&
    isSameBut(known, cluster) &&
    isDeepStrictEqual([...known.retiring].sort(), wanted.sort())
  )
    return text;
  throw new OperatorError(
    `description ${show(file)}: expected a place for the list retiring, got none that is safe to edit`,
    [`add this to it, and run this again: ${retiringLine(wanted)}`],
  );
}

/** The same cluster but for what is being taken back. */
const isSameBut = (a: Cluster, b: Cluster): boolean =>
  isDeepStrictEqual({ ...a, retiring: [] }, { ...b, retiring: [] });

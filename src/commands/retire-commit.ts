/** What both commits of `selfheal retire` are made of, and what may not be in their way. */
import type { Cluster } from '../cluster/cluster.js';
import { show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import type { Files } from '../manifest/layout.js';
import type { WorkTree } from '../repository/work-tree.js';
import { compareFolder } from '../synth/dist-folder.js';
import { synthesize } from '../synth/synthesize.js';

/** @throws OperatorError where a guardrail is broken. */
export function filesOf(clusters: readonly Cluster[]): Files {
  const { files, findings } = synthesize(clusters);
  if (findings.some(({ guardrail }) => guardrail.severity === 'error'))
    throw new OperatorError('guardrails: expected a description that they let pass, got one that they do not', [
      'selfheal synth says what is wrong',
    ]);
  return files;
}

/** @throws OperatorError where a commit of these paths would hold what is not meant, or is not possible. */
export function refuseUnreadyTree(tree: WorkTree, paths: readonly string[]): void {
  const unfinished = tree.unfinished();
  if (unfinished !== null)
    throw new OperatorError(`repository: expected nothing half done, got ${unfinished}`, ['finish it first']);
  const staged = tree.staged(paths);
  if (staged.length > 0)
    throw new OperatorError(`index: expected nothing staged of what this commits, got ${staged.join(', ')}`, [
      `git restore --staged ${staged.join(' ')}, or commit it first`,
    ]);
}

/** @throws OperatorError where a file that is to change is neither as before nor as after. */
export function refuseOtherOutput(out: string, before: Files, after: Files): void {
  const stale = compareFolder(out, before).filter(({ path }) =>
    compareFolder(out, after).some((difference) => difference.path === path),
  );
  const [first, ...more] = stale;
  if (first === undefined) return;
  throw new OperatorError(
    `output ${show(out)}: expected what synth gives, got ${first.path} ${first.kind}${more.length === 0 ? '' : ` and ${more.length} more`}`,
    ['selfheal synth, and commit what it writes: this commit holds nothing else'],
  );
}

export function committed(tree: WorkTree, paths: readonly string[], subject: string, body: string): string {
  try {
    return tree.commit(paths, subject, body);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    throw new OperatorError(
      `${error.message}; the files are written and not committed`,
      [`mend that, then: git commit -- ${paths.join(' ')}`],
      { cause: error },
    );
  }
}

/**
 * Two trees, object by object: what Argo CD will do when the second takes the place of the first.
 *
 * Nothing is asked of a cluster. Where the outcome depends on one, the sentence says so.
 */
import type { Tree } from '../../argo/tree.js';
import type { Manifest } from '../../manifest/manifest.js';
import { changeOf } from './changed.js';
import { creationOf } from './creation.js';
import { fateOf, isDeleted } from './fate.js';
import type { Verdict } from './live-state.js';
import { EFFECTS, type ObjectChange, WEIGHTS } from './object-change.js';
import { pairsOf } from './pairs.js';
import { removalOf, renamingOf } from './removal.js';
import { renamingsIn } from './renames.js';

/** `verdicts`: of objects that an API server was asked about. */
export function review(
  base: Tree,
  head: Tree,
  verdicts: ReadonlyMap<Manifest, Verdict> = new Map(),
): readonly ObjectChange[] {
  const { pairs, gone, come, staying } = pairsOf(base, head);
  const formerly = new Map(pairs.map(({ before, after }) => [after, before]));
  const sides = { base, head, staying, formerly, verdicts };
  const removed = gone.map((before) => ({ before, fate: fateOf(before, base, head) }));
  const leaving = removed.flatMap(({ before, fate }) => (isDeleted(fate) ? [before] : []));
  const renamings = renamingsIn(leaving, come);
  const renamed = new Set(renamings.flatMap(({ before, after }) => [before, after]));
  const changes = [
    ...pairs.flatMap(({ before, after }) => changeOf(before, after, sides)),
    ...renamings.map((renaming) => renamingOf(renaming, leaving, sides)),
    ...removed.flatMap(({ before, fate }) => (renamed.has(before) ? [] : [removalOf(before, fate, sides)])),
    ...come.flatMap((after) => (renamed.has(after) ? [] : [creationOf(after, head)])),
  ];
  return changes.sort((a, b) => compareKeys(sortKey(a), sortKey(b)));
}

const sortKey = ({ weight, cluster, application, effect, object }: ObjectChange): readonly (string | number)[] => [
  WEIGHTS.indexOf(weight),
  cluster,
  application,
  EFFECTS.indexOf(effect),
  object.kind,
  object.namespace ?? '',
  object.name,
];

function compareKeys(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  const index = a.findIndex((part, position) => part !== b[position]);
  return index < 0 ? 0 : (a[index] ?? '') < (b[index] ?? '') ? -1 : 1;
}

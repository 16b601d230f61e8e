/** The objects of two trees, each with what it was before: what stays, what goes, what comes. */
import type { Tree } from '../../argo/tree.js';
import { groupOf, type Manifest } from '../../manifest/manifest.js';
import type { Verdict } from './live-state.js';
import { type Placed, placedIn } from './placed.js';

interface Pairs {
  readonly pairs: readonly { readonly before: Placed; readonly after: Placed }[];
  readonly gone: readonly Placed[];
  readonly come: readonly Placed[];
  /** All that is in Git after the change. */
  readonly staying: readonly Placed[];
}

/** What the sentences about one object ask of the others. */
export interface Sides extends Pick<Pairs, 'staying'> {
  readonly base: Tree;
  readonly head: Tree;
  /** By what is in Git after the change; nothing for what comes. */
  readonly formerly: ReadonlyMap<Placed, Placed>;
  /** Of objects that an API server was asked about. */
  readonly verdicts: ReadonlyMap<Manifest, Verdict>;
}

export function pairsOf(base: Tree, head: Tree): Pairs {
  const [old, now] = [placedIn(base), placedIn(head)];
  const gone = new Map([...old].filter(([key]) => !now.has(key)));
  const come = new Map([...now].filter(([key]) => !old.has(key)));
  const pairs = [...now].flatMap(([key, after]) => {
    const before = old.get(key);
    return before === undefined ? [] : [{ before, after }];
  });
  for (const { before, after, keys } of sameObjects(gone, come)) {
    // A file that no Application reads any more is as good as none.
    if (before.application === null) {
      pairs.push({ before, after });
      gone.delete(keys[0]);
    }
    come.delete(keys[1]);
  }
  return { pairs, gone: [...gone.values()], come: [...come.values()], staying: [...now.values()] };
}

/** What no Application held, and one does now, or the other way round. */
function sameObjects(gone: ReadonlyMap<string, Placed>, come: ReadonlyMap<string, Placed>) {
  return [...gone].flatMap(([oldKey, before]) => {
    const [match, ...others] = [...come].filter(
      ([, after]) =>
        (before.application === null || after.application === null) && identityOf(before) === identityOf(after),
    );
    // Two clusters may have an object of one name each.
    return match === undefined || others.length > 0
      ? []
      : [{ before, after: match[1], keys: [oldKey, match[0]] as const }];
  });
}

const identityOf = ({ manifest, ref }: Placed): string =>
  [groupOf(manifest), ref.kind, ref.namespace ?? '', ref.name].join('\0');

/** Two trees held against each other: what goes, what comes, what stays, and what Argo CD does to what goes. */
import type { SyncedApplication, Tree } from '../../argo/tree.js';
import { isClusterScoped } from '../../manifest/kinds.js';
import { groupOf, type Manifest } from '../../manifest/manifest.js';
import { fateOf, fateOfApplication, type Outcome } from '../change/fate.js';
import { keyOfApplication } from '../change/placed.js';
import type { LiveLook } from './live.js';

/** An object and where it stands. */
export interface Placed {
  readonly side: 'base' | 'head';
  readonly application: SyncedApplication;
  readonly file: string;
  readonly manifest: Manifest;
}

export interface Pair<T> {
  readonly before: T;
  readonly after: T;
}

interface Comparison<T> {
  readonly removed: readonly T[];
  readonly created: readonly T[];
  readonly kept: readonly Pair<T>[];
}

/** What becomes of an object that leaves Git, as far as it is deleted; `kept`: it stays. */
export type Fate = Exclude<Outcome, 'orphaned' | 'frozen'> | 'kept';

export class Change {
  readonly base: Tree;
  readonly head: Tree;
  readonly before: readonly Placed[];
  readonly after: readonly Placed[];
  /** By who they are, whichever Application syncs them. */
  readonly objects: Comparison<Placed>;
  readonly applications: Comparison<SyncedApplication>;
  /** Of all kinds, also those that are rendered. */
  readonly changedFiles: readonly string[];
  /** Null: no cluster was asked. */
  readonly live: LiveLook | null;

  constructor(base: Tree, head: Tree, changedFiles: readonly string[] = [], live: LiveLook | null = null) {
    this.base = base;
    this.head = head;
    this.changedFiles = changedFiles;
    this.live = live;
    this.before = placedIn(base, 'base');
    this.after = placedIn(head, 'head');
    this.objects = compare(this.before, this.after, keyOf);
    this.applications = compare(base.applications, head.applications, keyOfApplication);
  }

  /** What there is of which this holds, and did not hold before: of a new object, or of one that was another way. */
  newly(holds: (placed: Placed) => boolean): readonly Placed[] {
    const heldBefore = new Set(this.objects.kept.filter(({ before }) => holds(before)).map(({ after }) => after));
    return this.after.filter((placed) => holds(placed) && !heldBefore.has(placed));
  }

  fateOf(placed: Placed): Fate {
    return ending(fateOf(placed, this.base, this.head));
  }

  /** Whether an Application that left Git leaves the cluster too, by itself or by hand. */
  isDeleted(application: SyncedApplication): boolean {
    return ending(fateOfApplication(application, this.base, this.head)) !== 'kept';
  }
}

const ending = ({ outcome }: { readonly outcome: Outcome }): Fate =>
  outcome === 'orphaned' || outcome === 'frozen' ? 'kept' : outcome;

const placedIn = (tree: Tree, side: Placed['side']): readonly Placed[] =>
  tree.applications.flatMap((application) => application.objects.map((object) => ({ ...object, side, application })));

/** Who an object is in its cluster, without the version. */
export const keyOf = ({ application, manifest }: Placed): string => {
  const { namespace = application.policy.destinationNamespace ?? '', name } = manifest.metadata;
  const scope = isClusterScoped(manifest) ? '' : namespace;
  return [application.cluster, groupOf(manifest), manifest.kind, scope, name].join('/');
};

function compare<T>(before: readonly T[], after: readonly T[], key: (item: T) => string): Comparison<T> {
  const old = new Map(before.map((item) => [key(item), item]));
  const now = new Map(after.map((item) => [key(item), item]));
  return {
    removed: [...old].flatMap(([id, item]) => (now.has(id) ? [] : [item])),
    created: [...now].flatMap(([id, item]) => (old.has(id) ? [] : [item])),
    kept: [...now].flatMap(([id, item]) => {
      const earlier = old.get(id);
      return earlier === undefined ? [] : [{ before: earlier, after: item }];
    }),
  };
}

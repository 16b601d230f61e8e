/** Two trees held against each other: what goes, what comes, what stays, and what Argo CD does to what goes. */
import type { SyncedApplication, Tree } from '../../argo/tree.js';
import { optionsOf } from '../../guardrails/argo.js';
import { isClusterScoped } from '../../manifest/kinds.js';
import { groupOf, type Manifest } from '../../manifest/manifest.js';
import { isDefinition, isLeftAlone } from '../change/definitions.js';
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

/**
 * What becomes of an object that leaves Git.
 *
 * `pruned`: Argo CD deletes it by itself. `pruned-by-hand`: the next sync with prune that somebody starts deletes it.
 * `cascaded`: it goes with its Application. `kept`: it stays, out of sync or orphaned.
 */
export type Fate = 'pruned' | 'pruned-by-hand' | 'cascaded' | 'kept';

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

  /** Of an object of base. Protection counts as base has it: Argo CD reads it from the live object. */
  fateOf({ application: before, manifest }: Placed): Fate {
    const after = this.head.applications.find((other) => keyOfApplication(other) === keyOfApplication(before));
    const options = optionsOf(manifest);
    if (isLeftAlone(before, manifest)) return 'kept';
    if (after === undefined && !syncs(before, before))
      return before.policy.finalizer !== 'none' &&
        !options.includes('Delete=false') &&
        !isDefinition(manifest) &&
        this.isDeleted(before)
        ? 'cascaded'
        : 'kept';
    if (options.includes('Prune=false')) return 'kept';
    if (before.policy.options.has('Prune=false') && after?.policy.options.has('Prune=false')) return 'kept';
    const { automated } = (after ?? before).policy;
    // Either: nobody knows whether the Application or its new policy is synced first.
    if (automated && !before.policy.prune && after?.policy.prune !== true) return 'kept';
    // Nothing left is refused, and of what is rendered elsewhere nobody can tell: prune-share and unseen-source say so.
    if (after?.objects.length === 0 && (!after.policy.allowEmpty || after.notRendered !== null)) return 'kept';
    return automated ? 'pruned' : 'pruned-by-hand';
  }

  /** Whether an Application that left Git leaves the cluster too. */
  isDeleted(application: SyncedApplication): boolean {
    const itself = this.objects.removed.find((placed) => isOf(application, placed.manifest));
    // In nobody's folder: somebody applied it by hand and will delete it by hand.
    return itself === undefined || this.fateOf(itself) !== 'kept';
  }
}

const placedIn = (tree: Tree, side: Placed['side']): readonly Placed[] =>
  tree.applications.flatMap((application) => application.objects.map((object) => ({ ...object, side, application })));

/** The Application's own manifest, among the objects of another. */
const isOf = ({ name, namespace }: SyncedApplication, { kind, metadata }: Manifest): boolean =>
  kind === 'Application' && metadata.name === name && metadata.namespace === namespace;

const syncs = (parent: SyncedApplication, application: SyncedApplication): boolean =>
  parent.objects.some(({ manifest }) => isOf(application, manifest));

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

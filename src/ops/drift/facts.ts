/** What a look at a live cluster found, as plain data: drift is decided from it alone. */
import type { SyncedApplication } from '../../argo/tree.js';
import type { Cluster } from '../../cluster/cluster.js';
import type { Answer, LiveObject } from '../../manifest/live-object.js';
import type { Manifest } from '../../manifest/manifest.js';

/** A described object, and what the cluster has of it. */
export interface ObjectFacts {
  readonly application: SyncedApplication;
  /** As Argo CD applies it: with its mark, and in the Application's namespace where it names none. */
  readonly described: Manifest;
  /** Null: the server says that there is none. `withheld`: a Secret, which is not read. */
  readonly live: Answer<LiveObject | null> | 'withheld';
  /** What an apply would make of it; null where there is nothing to apply to. */
  readonly applied: Applied | null;
}

export interface Applied {
  readonly result: Answer<LiveObject>;
  /**
   * `record`: the record of owners says that an apply changes nothing. `dry-run`: asked of the server. `prediction`:
   * worked out here, because the server does not let us ask.
   */
  readonly by: 'record' | 'dry-run' | 'prediction';
}

export interface LiveFacts {
  readonly cluster: Cluster;
  readonly applications: readonly SyncedApplication[];
  readonly objects: readonly ObjectFacts[];
  readonly nodes: Answer<readonly LiveObject[]>;
  /** Those of node-bootstrap; null where its DaemonSets are not among the objects. */
  readonly bootstrapPods: Answer<readonly LiveObject[]> | null;
}

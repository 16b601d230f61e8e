/** An incident of docs/incidents.md as the rules of today would have seen it. */
import type { Cluster } from '../../../src/cluster/cluster.js';
import type { World } from '../world/world.js';

/** The minute of the world in which the incident begins. */
export const BEGINS = 60;

export interface Incident {
  /** Of docs/incidents.md. */
  readonly anchor: string;

  /** As the table shows it: the day and the hour in which it began, and with what. */
  readonly when: string;
  readonly beganWith: string;

  /** A cluster of `ALERTED`. */
  readonly cluster: string;

  readonly world: (well: World, cluster: Cluster) => World;

  /** Where one world has several causes: the alerts that name this one. @default - all */
  readonly tells?: readonly string[];

  /** How long after its beginning the node was dead, or nobody was served. `null`: it never came to that, or at once. */
  readonly outageAfter: number | null;

  /** How long after its beginning it is looked at, in minutes. */
  readonly minutes: number;
}

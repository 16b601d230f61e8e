/** What has to be shown of an alert besides its hand-written cases. */

import type { Exporter } from '../world/disturbances.js';
import type { World } from '../world/world.js';

/** The minute in which what an alert is about begins. */
export const BREAKS = 60;

export interface Proof {
  readonly alert: string;

  /** A cluster of `ALERTED`. */
  readonly cluster: string;

  /** What happens, from minute BREAKS on and without end, to a healthy cluster. */
  readonly broken: (world: World) => World;

  /** The labels of what fires then, without severity: one entry for each alert. */
  readonly fires: readonly Readonly<Record<string, string>>[];

  /** How many minutes after BREAKS it fires first: exactly. */
  readonly after: number;

  /** As bad as it may get without being told: the last value, or the longest time, that is still well. */
  readonly justWell: (world: World) => World;

  /** One step more than that: it fires. */
  readonly justTooMuch: (world: World) => World;

  /** Whose restart it must live through: after it, the alert is still there or comes back. */
  readonly survives: readonly Exporter[];

  /** Nodes on whose clocks it might depend. @default - all of the cluster, where the rule reads a time */
  readonly clocks?: readonly string[];

  /** How long it is looked at. @default 180 */
  readonly minutes?: number;
}

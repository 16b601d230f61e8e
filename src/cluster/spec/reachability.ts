/** The look from outside. */
import type { DurationText } from './values.js';

export interface ReachabilitySpec<Node extends string> {
  /** The nodes to look at. @default - all */
  readonly nodes?: readonly NoInfer<Node>[];

  /**
   * A blackbox exporter outside the cluster that the cluster's Prometheus asks, e.g. `'nas.lan:9115'`.
   *
   * @default - no Probe
   */
  readonly prober?: string;

  /**
   * How long a node may be silent before somebody is told.
   *
   * @default '2min'
   */
  readonly tolerate?: DurationText;
}

/** What a mitigation contributes. A layer never asks another: what two of them need is in `Cluster`. */
import type { App } from 'cdk8s';
import type { Cluster, HostGroup } from '../cluster/cluster.js';
import type { HostState } from '../host/host-state.js';
import type { PlacedManifest } from '../manifest/manifest.js';
import type { RuleGroup } from './rule-group.js';

export interface Layer {
  /** The layer's folder. */
  readonly name: string;

  /** What node-bootstrap must bring to the hosts of a group. @default - nothing */
  readonly hostState?: (cluster: Cluster, group: HostGroup) => HostState;

  /** The alerts by which a failure of this layer is noticed. @default - none */
  readonly alerts?: (cluster: Cluster) => readonly RuleGroup[];

  /** Adds the Applications and their objects; nothing where the cluster does not ask for the layer. @default - none */
  readonly build?: (app: App, cluster: Cluster, contributions: Contributions) => void;
}

/** What all layers together contribute, for the two layers that carry it into the cluster. */
interface Contributions {
  readonly hostState: (group: HostGroup) => HostState;
  /** Those that the cluster's Prometheus can evaluate. */
  readonly alerts: readonly RuleGroup[];
  /** Every object but those of one Application, finished. To be asked when objects are written: all are there then. */
  readonly others: (folder: string) => readonly PlacedManifest[];
}

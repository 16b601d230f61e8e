/** The host groups with a watchdog, by its form. */
import type { Cluster, HostGroup, RcuWatchdog } from '../../cluster/cluster.js';
import { anyOf, promql } from '../promql.js';

export type Watched<W extends RcuWatchdog = RcuWatchdog> = HostGroup & { readonly rcuWatchdog: W };
export type Stream = RcuWatchdog & { readonly form: 'stream' };
export type Timer = RcuWatchdog & { readonly form: 'timer' };

export const watchedGroups = ({ hosts }: Cluster): readonly Watched[] =>
  hosts.filter((group): group is Watched => group.rcuWatchdog !== null);

export const isStream = (group: Watched): group is Watched<Stream> => group.rcuWatchdog.form === 'stream';

export const isTimer = (group: Watched): group is Watched<Timer> => group.rcuWatchdog.form === 'timer';

/** The inside of a matcher of the label `node`. */
export const nodesOf = (groups: readonly HostGroup[]): string =>
  anyOf(groups.flatMap(({ nodes }) => nodes.map(({ name }) => name)));

/** The last metrics of a watchdog that was taken from a node stay there. */
export const stillWatched = (watched: readonly Watched[]): string =>
  promql`and on (node) max by (node) (kube_pod_info{node=~"${nodesOf(watched)}"})`;

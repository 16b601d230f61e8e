/** A cluster as JSON and back, for a program that has neither the description nor its parser. */
import type { Cluster } from './cluster.js';

/** JSON has no Map. No key of a description is called so. */
const MAP = '$map';

export const writeCluster = (cluster: Cluster): string =>
  JSON.stringify(cluster, (_, value: unknown) => (value instanceof Map ? { [MAP]: [...value] } : value), 1);

/** Of what `writeCluster` wrote, and of nothing else: it is not parsed again. */
export const readCluster = (text: string): Cluster =>
  JSON.parse(text, (_, value: unknown) =>
    typeof value === 'object' && value !== null && MAP in value ? new Map(value[MAP] as [string, unknown][]) : value,
  ) as Cluster;

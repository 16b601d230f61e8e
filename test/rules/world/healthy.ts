/** A cluster on which nothing is wrong, by the seeds' normal figures: every series that its rules look at. */
import type { Cluster } from '../../../src/cluster/cluster.js';
import { nodes } from './parts/nodes.js';
import type { World } from './world.js';

/** Each shows what one part of the cluster exports, or nothing where the cluster does not have it. */
const PARTS: readonly ((cluster: Cluster) => World)[] = [nodes];

export const healthy = (cluster: Cluster): World => PARTS.flatMap((part) => part(cluster));

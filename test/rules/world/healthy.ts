/** A cluster on which nothing is wrong, by the seeds' normal figures: every series that its rules look at. */
import type { Cluster } from '../../../src/cluster/cluster.js';
import { backup } from './parts/backup.js';
import { controlPlane } from './parts/control-plane.js';
import { hardwareWatchdog } from './parts/hardware-watchdog.js';
import { jiva } from './parts/jiva.js';
import { longhorn } from './parts/longhorn.js';
import { nodeBootstrap } from './parts/node-bootstrap.js';
import { nodes } from './parts/nodes.js';
import { rcuWatchdog } from './parts/rcu-watchdog.js';
import { reachability } from './parts/reachability.js';
import { workloads } from './parts/workloads.js';
import type { World } from './world.js';

/** Each shows what one part of the cluster exports, or nothing where the cluster does not have it. */
const PARTS: readonly ((cluster: Cluster) => World)[] = [
  nodes,
  backup,
  longhorn,
  hardwareWatchdog,
  rcuWatchdog,
  nodeBootstrap,
  reachability,
  controlPlane,
  workloads,
  jiva,
];

export const healthy = (cluster: Cluster): World => PARTS.flatMap((part) => part(cluster));

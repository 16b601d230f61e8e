/** Where a cluster keeps its objects. */
import type { Cluster } from './cluster.js';
import type { NodeRole } from './distribution.js';

/** Whether kine or dqlite runs on hosts of a role. k3s with leader election is on etcd, where nothing of kine runs. */
export const hasKine = ({ distribution, leaderElection }: Cluster, role: NodeRole): boolean =>
  role === 'control-plane' && (distribution.name === 'microk8s' || !leaderElection);

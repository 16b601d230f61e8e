/** The nodes that a watchdog asks before it reboots its own, and looks for when the network seems to be gone. */
import type { Cluster, ClusterNode } from '../../cluster/cluster.js';
import { SETTINGS_FOLDER } from '../../host/host-state.js';

export const PEERS_FILE = `${SETTINGS_FOLDER}/rcu-watchdog-peers`;

/** As k3s calls them; each of MicroK8s's control-plane nodes is one, with a copy of the datastore. */
const ROLES = { 'control-plane': 'server', worker: 'agent' } as const satisfies Record<ClusterNode['role'], string>;

/**
 * One line a node, in the order of the description: `NAME ADDRESS server|agent watched|unwatched`. All nodes of a group
 * get the same, so a node stands in its own file.
 */
export function peersOf({ nodes, hosts }: Cluster): string {
  const watched = new Set(hosts.filter(({ rcuWatchdog }) => rcuWatchdog !== null).flatMap((group) => group.nodes));
  return nodes
    .map((node) => `${node.name} ${node.address} ${ROLES[node.role]} ${watched.has(node) ? 'watched' : 'unwatched'}\n`)
    .join('');
}

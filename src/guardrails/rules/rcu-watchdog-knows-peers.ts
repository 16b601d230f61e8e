/** RCU watchdogs that may reboot two nodes know whom to ask, without the network's help. */
import { isIP } from 'node:net';
import type { Cluster, ClusterNode, HostGroup } from '../../cluster/cluster.js';
import { show } from '../../manifest/json.js';
import type { Guardrail, Violation } from '../guardrail.js';
import type { HostPayload } from '../host-files.js';

export const rcuWatchdogKnowsPeers: Guardrail = {
  id: 'rcu-watchdog-knows-peers',
  severity: 'error',
  lesson: 'Three nodes that went down together cost seven hours; whatever reboots nodes must not take two at a time.',
  incident: 'pvek8s-rc-1-scheduler',
  check: ({ cluster, payloads }) => {
    const watched = cluster.hosts.filter(({ rcuWatchdog }) => rcuWatchdog !== null);
    if (watched.flatMap(({ nodes }) => nodes).length < 2) return [];
    return [...named(cluster), ...watched.flatMap((group) => unknownPeers(cluster, group, payloads))];
  },
};

/** A name is looked up by what is gone when it matters. */
const named = ({ nodes }: Cluster): readonly Violation[] =>
  nodes
    .filter(({ address }) => isIP(address) === 0)
    .map(({ name, address }) => ({
      where: `nodes.${name}.address`,
      found: `expected an IP address, because two watchdogs or more ask each other, got ${show(address)}`,
      mend: 'write the address down: a node that waits for DNS cannot tell a silent peer from a silent resolver',
    }));

/** `NAME ADDRESS server|agent …` for each node of the cluster, the host itself too. */
function unknownPeers(cluster: Cluster, group: HostGroup, payloads: readonly HostPayload[]): readonly Violation[] {
  const lines = payloads
    .filter((payload) => payload.group?.name === group.name)
    .flatMap(({ texts }) => texts.flatMap(({ text }) => text.split('\n')));
  const isKnown = ({ name, address }: ClusterNode): boolean =>
    lines.some((line) => line.startsWith(`${name} ${address} `) && /^\S+ \S+ (server|agent)\b/.test(line));
  return cluster.nodes
    .filter((node) => !isKnown(node))
    .map(({ name, address }) => ({
      where: `hosts '${group.name}', rcuWatchdog`,
      found: `expected ${name} (${address}) among the peers on the hosts, got no such line`,
      mend: 'let node-bootstrap bring the file of peers with every node of the cluster',
    }));
}

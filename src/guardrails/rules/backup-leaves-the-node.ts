/** A copy goes to another machine than the one that holds the original, and the second copy to a third one. */
import type { Cluster } from '../../cluster/cluster.js';
import { show } from '../../manifest/json.js';
import type { Guardrail, Violation } from '../guardrail.js';

export const backupLeavesTheNode: Guardrail = {
  id: 'backup-leaves-the-node',
  severity: 'error',
  lesson: 'A snapshot on the same disk is fine after a bad deployment; after a node and its disk it is gone with them.',
  incident: 'nov-2',
  check: ({ cluster }) => {
    const { backup } = cluster;
    if (backup === null) return [];
    const { address, name } = backup.from;
    const isItself = machineOf(backup.to.host, cluster, name) === name;
    return [
      ...(isItself
        ? [
            {
              where: 'backup.to.host',
              found: `expected another machine than ${name} (${address}), got ${show(backup.to.host)}`,
              mend: 'name a machine whose disk outlives this one',
            },
          ]
        : []),
      ...(backup.form === 'snapshots' && backup.offsite !== null
        ? offsite(backup.offsite.to.host, backup.to.host, name, cluster)
        : []),
    ];
  },
};

function offsite(host: string, first: string, from: string, cluster: Cluster): readonly Violation[] {
  const machine = machineOf(host, cluster, from);
  const node = cluster.nodes.find(({ name }) => name === machine);
  const same =
    machine === machineOf(first, cluster, from)
      ? `than that of backup.to (${first})`
      : node && `than node ${node.name} (${node.address})`;
  return same === undefined
    ? []
    : [
        {
          where: 'backup.offsite.to.host',
          found: `expected another machine ${same}, got ${show(host)}`,
          mend: 'name a machine in another house: the second place is for the day when this one is gone',
        },
      ];
}

/** The node that is meant, where it is one; `from` is where the loopback addresses lead. */
function machineOf(host: string, { nodes }: Cluster, from: string): string {
  const text = host.toLowerCase();
  if (LOOPBACK.test(text)) return from;
  const node = nodes.find(({ name, address }) => text === address || text === name || text.startsWith(`${name}.`));
  return node?.name ?? text;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|0\.0\.0\.0)$/;

/** A copy goes to another machine than the one that holds the original. */
import type { Guardrail } from '../guardrail.js';
import { show } from '../json.js';

export const backupLeavesTheNode: Guardrail = {
  id: 'backup-leaves-the-node',
  severity: 'error',
  lesson: 'A snapshot on the same disk is fine after a bad deployment; after a node and its disk it is gone with them.',
  incident: 'nov-2',
  check: ({ cluster: { backup } }) => {
    if (backup === null) return [];
    const { host } = backup.to;
    const { address, name } = backup.from;
    const isItself = host === address || host === name || host.startsWith(`${name}.`) || LOOPBACK.test(host);
    return isItself
      ? [
          {
            where: 'backup.to.host',
            found: `expected another machine than ${name} (${address}), got ${show(host)}`,
            mend: 'name a machine whose disk outlives this one',
          },
        ]
      : [];
  },
};

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|0\.0\.0\.0)$/;

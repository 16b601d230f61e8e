/** A cluster of several nodes whose DNS stays as the distribution installs it: with one replica. */
import type { Guardrail } from '../guardrail.js';

export const dnsLeftAlone: Guardrail = {
  id: 'dns-left-alone',
  severity: 'warning',
  lesson: 'One CoreDNS pod on one node: the reboot of that node took name resolution from the whole cluster.',
  incident: 'pvek8s-rc-1-scheduler',
  check: ({ cluster: { dns, nodes } }) =>
    dns === null && nodes.length > 1
      ? [
          {
            where: 'dns',
            found: `expected CoreDNS on two of the ${nodes.length} nodes, got nothing (the distribution installs one replica)`,
            mend: 'add `dns: {}`',
          },
        ]
      : [],
};

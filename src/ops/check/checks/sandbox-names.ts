/** No kubelet is refused the name of a sandbox. */
import { counted } from '../../words.js';
import type { HealthCheck } from '../facts.js';
import { isReportedOn, kubeletRestart, onEachHost, reportOf } from '../hosts.js';
import { SANDBOX_NAMES_RESERVED } from '../incidents.js';
import { saying } from '../saying.js';

const say = saying('sandbox-names');

export const sandboxNamesCheck: HealthCheck = {
  id: 'sandbox-names',
  summary: 'no host holds the names of sandboxes that are gone',
  asks: ['hostReports'],
  applies: isReportedOn,
  answer: (facts) =>
    onEachHost(facts, {
      say,
      of: 'others',
      well: 'no sandbox was refused its name',
      judge: ({ node, report: { sandboxNamesReserved: names } }) => {
        const subject = `host ${node.name}`;
        if (names === 0) return [];
        if (names === null) return [say.unknown(subject, 'the log of its kubelet cannot be read', reportOf(node.name))];
        return [
          say.fail(subject, {
            expected: 'no name of a sandbox reserved',
            found: `${counted(names, 'name')} "is reserved for" another in the last minutes`,
            incident: SANDBOX_NAMES_RESERVED,
            next: `on ${node.name}: ${kubeletRestart(facts, node.role)}`,
            cause: { id: 'rc-3', node: node.name },
          }),
        ];
      },
    }),
};

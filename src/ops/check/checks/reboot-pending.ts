/** Which hosts wait for a reboot. It fails nothing: it is why there may be one. */
import { listed } from '../../words.js';
import type { HealthCheck } from '../facts.js';
import { isReportedOn, onEachHost, reportOf } from '../hosts.js';
import { pendingWords } from '../pending-words.js';
import { saying } from '../saying.js';

const say = saying('reboot-pending');

export const rebootPendingCheck: HealthCheck = {
  id: 'reboot-pending',
  summary: 'which hosts wait for a reboot, and why; never a failure',
  asks: ['hostReports'],
  applies: isReportedOn,
  answer: (facts) =>
    onEachHost(facts, {
      say,
      of: 'all',
      well: 'no reboot waits',
      judge: ({ node, report }) => {
        const subject = `host ${node.name}`;
        if (report.pending === null)
          return [say.unknown(subject, 'whether a reboot waits cannot be told', reportOf(node.name))];
        const why = pendingWords(report);
        return why.length === 0 ? [] : [say.pass(subject, `a reboot waits: ${listed(why)}`)];
      },
    }),
};

/** Which hosts wait for a reboot. It fails nothing: it is why there may be one. */
import { listed } from '../../words.js';
import type { HealthCheck } from '../facts.js';
import type { HostReport } from '../host-report.js';
import { onEachHost, reportOf } from '../hosts.js';
import { saying } from '../saying.js';

const say = saying('reboot-pending');

export const rebootPendingCheck: HealthCheck = {
  id: 'reboot-pending',
  summary: 'which hosts wait for a reboot, and why; never a failure',
  asks: ['hostReports'],
  applies: ({ hosts }) => hosts.length > 0,
  answer: (facts) =>
    onEachHost(facts, {
      say,
      of: 'all',
      well: 'no reboot waits',
      judge: ({ node, report }) => {
        const subject = `host ${node.name}`;
        if (report.pending === null)
          return [say.unknown(subject, 'whether a reboot waits cannot be told', reportOf(node.name))];
        const why = report.pending.map((word) => inWords(word, report));
        return why.length === 0 ? [] : [say.pass(subject, `a reboot waits: ${listed(why)}`)];
      },
    }),
};

function inWords(word: string, { runningKernel, newestKernel }: HostReport): string {
  switch (word) {
    case 'kernel':
      return `kernel ${newestKernel} is installed and ${runningKernel} runs`;
    case 'kernel-arguments':
      return 'the running kernel was started without arguments that are described';
    case 'reboot-required':
      return 'the distribution asks for it (/run/reboot-required)';
    default:
      return word;
  }
}

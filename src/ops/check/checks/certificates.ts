/** No certificate of a node ends soon. */
import type { Cluster } from '../../../cluster/cluster.js';
import type { NodeRole } from '../../../cluster/distribution.js';
import { counted } from '../../words.js';
import type { HealthCheck } from '../facts.js';
import { isReportedOn, onEachHost, reportOf, restartOf } from '../hosts.js';
import { saying } from '../saying.js';
import { CERTIFICATE_DAYS } from '../thresholds.js';

const say = saying('certificates');

export const certificatesCheck: HealthCheck = {
  id: 'certificates',
  summary: 'no certificate of a node ends soon',
  asks: ['hostReports'],
  applies: isReportedOn,
  answer: (facts) =>
    onEachHost(facts, {
      say,
      of: 'all',
      well: `none ends within ${CERTIFICATE_DAYS} days`,
      judge: ({ node, report: { certificates } }) => {
        if (certificates === null || certificates.length === 0)
          return [
            say.unknown(
              `host ${node.name}`,
              `none could be read in ${facts.cluster.distribution.certificateFolders.join(' or ')}`,
              reportOf(node.name),
            ),
          ];
        return certificates.flatMap(({ path, daysLeft }) => {
          const subject = `${path} of host ${node.name}`;
          if (daysLeft === null) return [say.unknown(subject, 'its end cannot be read', reportOf(node.name))];
          if (daysLeft >= CERTIFICATE_DAYS) return [];
          return [
            say.fail(subject, {
              expected: `at least ${CERTIFICATE_DAYS} days left`,
              found: daysLeft < 0 ? `it ended ${counted(-daysLeft, 'day')} ago` : `${counted(daysLeft, 'day')} left`,
              next: `on ${node.name}: ${renewal(facts.cluster, node.role)}`,
            }),
          ];
        });
      },
    }),
};

/** k3s renews what ends soon whenever it starts. */
const renewal = ({ distribution }: Cluster, role: NodeRole): string =>
  distribution.name === 'microk8s'
    ? 'sudo microk8s refresh-certs --check, and then with -e what ends'
    : `${restartOf(distribution.kubeletUnit[role])}, which renews them`;

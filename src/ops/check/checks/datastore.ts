/** kine or dqlite does not end what it is asked. */
import type { Cluster } from '../../../cluster/cluster.js';
import { hasKine } from '../../../cluster/datastore.js';
import type { HealthCheck } from '../facts.js';
import { onEachHost, reportOf, restartOf } from '../hosts.js';
import { DATASTORE_CANCELED } from '../incidents.js';
import { saying } from '../saying.js';
import { DATASTORE_ERROR_LINES } from '../thresholds.js';

const say = saying('datastore');

export const datastoreCheck: HealthCheck = {
  id: 'datastore',
  summary: 'the datastore does not answer "context canceled" or "database is locked"',
  asks: ['hostReports'],
  applies: (cluster) => cluster.hosts.some((group) => group.state === 'described' && hasKine(cluster, group.role)),
  answer: (facts) =>
    onEachHost(facts, {
      say,
      of: 'others',
      isFor: ({ role }) => hasKine(facts.cluster, role),
      well: 'its datastore answers',
      judge: ({ node, report: { datastore } }) => {
        const subject = `host ${node.name}`;
        if (datastore === null)
          return [
            say.unknown(
              subject,
              `the log of ${facts.cluster.distribution.datastoreUnit} cannot be read, or it is not active`,
              reportOf(node.name),
            ),
          ];
        const { canceled, locked } = datastore;
        if (canceled + locked <= DATASTORE_ERROR_LINES) return [];
        return [
          say.fail(subject, {
            expected: `at most ${DATASTORE_ERROR_LINES} such lines in 10 min: single ones come whenever a client leaves`,
            found: `${canceled} times "context canceled", ${locked} times "database is locked"`,
            incident: DATASTORE_CANCELED,
            next: `on ${node.name}: ${datastoreRestart(facts.cluster)}`,
            cause: { id: 'datastore', node: node.name },
          }),
        ];
      },
    }),
};

const datastoreRestart = ({ distribution }: Cluster): string => restartOf(distribution.datastoreUnit);

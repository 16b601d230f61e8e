/** Whether the last backup is young enough, at each place that receives one. */
import { hours } from '../../../cluster/duration.js';
import { cronJobAge } from '../cron-job-age.js';
import type { HealthCheck } from '../facts.js';
import { saying } from '../saying.js';

const ID = 'backup-age';
const say = saying(ID);

export const backupAgeCheck: HealthCheck = {
  id: ID,
  summary: 'the last backup is not older than the description allows, and none runs on the node that is to go down',
  asks: ['cronJobs'],
  applies: ({ backup }) => backup !== null,
  answer: (facts) => {
    const { backup } = facts.cluster;
    if (backup === null) return [];
    const offsite = backup.form === 'snapshots' ? backup.offsite : null;
    return [backup, ...(offsite === null ? [] : [offsite])].map(({ name, staleAfter, deadline }) =>
      cronJobAge(say, facts, {
        namespace: backup.namespace,
        name,
        runsOn: backup.from.name,
        period: { seconds: hours(24).seconds + deadline.seconds },
        staleAfter,
        failedCounts: false,
      }),
    );
  },
};

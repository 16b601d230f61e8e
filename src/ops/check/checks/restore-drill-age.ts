/** Whether the last restore drill is young enough, and found what it read back equal. */
import { hours } from '../../../cluster/duration.js';
import { cronJobAge } from '../cron-job-age.js';
import type { HealthCheck } from '../facts.js';
import { saying } from '../saying.js';
import { DRILL_STALE } from '../thresholds.js';

const ID = 'restore-drill-age';
const say = saying(ID);

export const restoreDrillAgeCheck: HealthCheck = {
  id: ID,
  summary: 'the last restore drill was good, and two have not been missed since',
  asks: ['cronJobs', 'jobs'],
  applies: ({ backup }) => backup?.form === 'snapshots' && backup.drill !== null,
  answer: (facts) => {
    const { backup } = facts.cluster;
    if (backup?.form !== 'snapshots' || backup.drill === null) return [];
    return [
      cronJobAge(say, facts, {
        namespace: backup.namespace,
        name: backup.drill.name,
        runsOn: backup.from.name,
        period: { seconds: hours(7 * 24).seconds + backup.deadline.seconds },
        staleAfter: DRILL_STALE,
        failedCounts: true,
      }),
    ];
  },
};

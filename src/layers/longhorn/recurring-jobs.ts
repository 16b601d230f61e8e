/** The daily snapshot, and the daily backup where there is a target that it can go to. */
import type { App } from 'cdk8s';
import { RecurringJob, RecurringJobSpecTask } from '../../../imports/longhorn.io.js';
import { ApplicationChart } from '../../argo/application-chart.js';
import { dailyCron } from '../../cluster/clock-time.js';
import type { RecurringJob as Job, Longhorn } from '../../cluster/cluster.js';
import { excludedVolumesNote } from './excluded-volumes.js';

export function addRecurringJobs(app: App, longhorn: Longhorn): void {
  const { namespace, dailySnapshot, backupTarget } = longhorn;
  const backup = backupTarget.kind === 's3' ? backupTarget.backup : null;
  if (dailySnapshot === null && backup === null) return;

  const chart = new ApplicationChart(app, 'longhorn', {
    ownership: 'owned',
    description: 'Recurring snapshots and backups of Longhorn volumes.',
    namespaces: [namespace],
    // Longhorn, which brings the CRD, may be synced later than this.
    syncOptions: ['SkipDryRunOnMissingResource=true'],
  });
  if (dailySnapshot !== null) addJob(chart, 'Snapshot', longhorn, dailySnapshot, RecurringJobSpecTask.SNAPSHOT);
  if (backup !== null) addJob(chart, 'Backup', longhorn, backup, RecurringJobSpecTask.BACKUP);
}

function addJob(chart: ApplicationChart, id: string, longhorn: Longhorn, job: Job, task: RecurringJobSpecTask): void {
  const { name, at, retain } = job;
  new RecurringJob(chart, id, {
    metadata: { name, namespace: longhorn.namespace, ...excludedVolumesNote(longhorn) },
    spec: {
      name,
      task,
      cron: dailyCron(at),
      retain,
      // One volume at a time: several at once are the load that a Raspberry Pi's kernel stalls under.
      concurrency: 1,
      // Longhorn's group for every volume that names no job of its own.
      groups: ['default'],
    },
  });
}

/** The nightly copy of a node's local-path volumes to another machine. */
import { ApplicationChart } from '../../argo/application-chart.js';
import type { Layer } from '../layer.js';
import { backupAlerts } from './alerts.js';
import { addBackupCronJob } from './backup-cron-job.js';
import { addBackupFiles } from './backup-files.js';
import { addBackupNetworkPolicy } from './backup-network-policy.js';

export const backup: Layer = {
  name: 'backup',
  alerts: backupAlerts,
  build: (app, { backup, distribution, images }) => {
    if (backup === null) return;
    // An Application of its own: Argo CD (3.2 and later) calls a CronJob whose last run failed degraded, and nothing
    // else may wait for that.
    const chart = new ApplicationChart(app, 'local-path-backup', {
      ownership: 'owned',
      description: `Nightly copy of ${backup.from.name}'s local-path volumes to ${backup.to.host}.`,
      namespaces: [backup.namespace],
    });
    const files = addBackupFiles(chart, backup);
    addBackupCronJob(chart, backup, images.alpine, distribution.localPathRoot, files);
    addBackupNetworkPolicy(chart, backup);
  },
};

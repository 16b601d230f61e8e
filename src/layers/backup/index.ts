/** The nightly copies of a node's local-path volumes to another machine, and the weekly proof that they can be read. */
import { ApplicationChart } from '../../argo/application-chart.js';
import type { Layer } from '../layer.js';
import { backupAlerts } from './alerts.js';
import { addBackupCronJob } from './backup-cron-job.js';
import { addBackupNetworkPolicy } from './backup-network-policy.js';
import { addPodFiles } from './pod-files.js';
import { runsOf } from './runs.js';

export const backup: Layer = {
  name: 'backup',
  alerts: backupAlerts,
  build: (app, { backup, distribution, images }) => {
    if (backup === null) return;
    const what = backup.form === 'mirror' ? 'Nightly copy' : 'Nightly snapshots';
    // An Application of its own: Argo CD (3.2 and later) calls a CronJob whose last run failed degraded, and nothing
    // else may wait for that.
    const chart = new ApplicationChart(app, 'local-path-backup', {
      ownership: 'owned',
      description: `${what} of ${backup.from.name}'s local-path volumes to ${backup.to.host}.`,
      namespaces: [backup.namespace],
    });
    const files = addPodFiles(chart, backup);
    for (const run of runsOf(backup, { storage: distribution.localPathRoot, configMap: files.configMap })) {
      addBackupCronJob(chart, run, images.alpine, files);
      addBackupNetworkPolicy(chart, run);
    }
  },
};

/** Longhorn's recurring jobs, what they reach and where backups go. How its CSI sidecars are spread: the layer `placement`. */
import type { Layer } from '../layer.js';
import { longhornAlerts } from './alerts.js';
import { addBackupTarget } from './backup-target.js';
import { addRecurringJobs } from './recurring-jobs.js';
import { addSettings } from './settings.js';

export const longhorn: Layer = {
  name: 'longhorn',
  alerts: longhornAlerts,
  build: (app, cluster) => {
    if (cluster.longhorn === null) return;
    addRecurringJobs(app, cluster.longhorn);
    addBackupTarget(app, cluster.longhorn);
    addSettings(app, cluster.longhorn);
  },
};

/** The cluster reboots its nodes itself, one after the other, in a window: `selfheal reboot --apply` as a CronJob. */
import type { App } from 'cdk8s';
import { ApplicationChart } from '../../argo/application-chart.js';
import type { Cluster, RebootSchedule } from '../../cluster/cluster.js';
import type { Layer } from '../layer.js';
import { addAccess } from './access.js';
import { rollingRebootAlerts } from './alerts.js';
import { addCronJob } from './cron-job.js';
import { addFiles } from './files.js';
import { FOLDER, NAMESPACE, RBAC } from './names.js';

export const rollingReboot: Layer = {
  name: 'rolling-reboot',
  alerts: rollingRebootAlerts,
  build: (app, cluster, { others }) => {
    const { schedule } = cluster.reboots;
    if (schedule !== null) addRollingReboot(app, cluster, schedule, () => others(FOLDER));
  },
};

function addRollingReboot(
  app: App,
  cluster: Cluster,
  schedule: RebootSchedule,
  others: Parameters<typeof addFiles>[2],
): void {
  const chart = new ApplicationChart(app, FOLDER, {
    ownership: 'owned',
    description: 'Reboots the nodes that wait for it, one after the other, in a window.',
    namespaces: [NAMESPACE],
    clusterKinds: [`${RBAC}/ClusterRole`, `${RBAC}/ClusterRoleBinding`],
  });
  addAccess(chart, cluster, others);
  const sha256 = addFiles(chart, cluster, others);
  addCronJob(chart, cluster, { schedule, sha256 });
}

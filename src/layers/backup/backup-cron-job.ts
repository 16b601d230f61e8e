/** The CronJob: when the copy runs, and what happens when it does not. */
import { k8s } from 'cdk8s-plus-28';
import type { ApplicationChart } from '../../argo/application-chart.js';
import type { Backup } from '../../cluster/backup.js';
import { dailyCron } from '../../cluster/clock-time.js';
import { privilegeAnnotations } from '../../manifest/privileges.js';
import type { BackupFiles } from './backup-files.js';
import { backupPod, CONTAINER, PRIVILEGES } from './backup-pod.js';

/** A node that is back from a reboot within this time still runs it; later it would run into other nightly work. */
const MAY_START_LATE_SECONDS = 900;

/** Exit statuses of the script for what a second attempt cannot mend: bad settings, a source that is not the volumes. */
const HOPELESS = [1, 2];

export const podLabels = ({ name }: Backup) => ({ 'app.kubernetes.io/name': name });

export function addBackupCronJob(
  chart: ApplicationChart,
  backup: Backup,
  image: string,
  source: string,
  files: BackupFiles,
): void {
  const { name, namespace, schedule, deadline } = backup;
  new k8s.KubeCronJob(chart, 'CronJob', {
    metadata: {
      name,
      namespace,
      labels: podLabels(backup),
      // A failed run is told by the alerts; it must not make the whole Application look broken until the next night.
      annotations: { 'argocd.argoproj.io/ignore-healthcheck': 'true', ...privilegeAnnotations(PRIVILEGES) },
    },
    spec: {
      schedule: dailyCron(schedule.at),
      timeZone: schedule.timeZone,
      // Declared, so that a pause by hand is reverted: a job that was only suspended by hand ran again and froze the node.
      suspend: false,
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: MAY_START_LATE_SECONDS,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: {
          activeDeadlineSeconds: deadline.seconds,
          backoffLimit: 2,
          podFailurePolicy: {
            rules: [
              {
                action: 'FailJob',
                onExitCodes: { containerName: CONTAINER, operator: 'In', values: HOPELESS },
                onPodConditions: [],
              },
            ],
          },
          template: {
            metadata: { labels: podLabels(backup), annotations: { 'selfheal.dev/files-sha256': files.sha256 } },
            spec: backupPod(backup, image, source, files.configMap),
          },
        },
      },
    },
  });
}

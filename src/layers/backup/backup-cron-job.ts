/** The CronJob of a run: when it starts, and what happens when it does not end well. */
import { k8s } from 'cdk8s-plus-28';
import type { ApplicationChart } from '../../argo/application-chart.js';
import { privilegeAnnotations } from '../../manifest/privileges.js';
import { backupPod } from './backup-pod.js';
import { jobEnd } from './job-end.js';
import type { PodFiles } from './pod-files.js';
import { podLabels, type ScheduledRun } from './run.js';

/** A node that is back from a reboot within this time still runs it; later it would run into other nightly work. */
const MAY_START_LATE_SECONDS = 900;

export function addBackupCronJob(chart: ApplicationChart, run: ScheduledRun, image: string, files: PodFiles): void {
  const { name, namespace } = run;
  new k8s.KubeCronJob(chart, `CronJob-${run.name}`, {
    metadata: {
      name,
      namespace,
      labels: podLabels(name),
      // A failed run is told by the alerts; it must not make the whole Application look broken until the next one.
      annotations: { 'argocd.argoproj.io/ignore-healthcheck': 'true', ...privilegeAnnotations(run.privileges) },
    },
    spec: {
      schedule: run.cron,
      timeZone: run.timeZone,
      // Declared, so that a pause by hand is reverted: a job that was only suspended by hand ran again and froze the node.
      suspend: false,
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: MAY_START_LATE_SECONDS,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: {
          ...jobEnd(run),
          template: {
            metadata: { labels: podLabels(name), annotations: { 'selfheal.dev/files-sha256': files.sha256 } },
            spec: backupPod(run, image),
          },
        },
      },
    },
  });
}

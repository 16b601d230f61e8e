/** The CronJob: when it begins, how long it may take, and when another pod goes on where one ended. */
import { ApiObject, Lazy } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import type { ApplicationChart } from '../../argo/application-chart.js';
import { type ClockTime, formatClockTime } from '../../cluster/clock-time.js';
import type { Cluster, RebootSchedule } from '../../cluster/cluster.js';
import { privilegeAnnotations } from '../../manifest/privileges.js';
import { LABELS, NAME, NAMESPACE } from './names.js';
import { CONTAINER, PRIVILEGES, rollPod } from './pod.js';

/** For what goes wrong by itself: an API server that is away, a node that dies under the pod. */
const ATTEMPTS = 6;

/** On top of all other time: the pod starts, is evicted from the node that it was on, and starts elsewhere. */
const STARTS_SECONDS = 600;

interface CronJobProps {
  readonly schedule: RebootSchedule;
  /** Of what the pod mounts. */
  readonly sha256: () => string;
}

export function addCronJob(chart: ApplicationChart, cluster: Cluster, { schedule, sha256 }: CronJobProps): void {
  const { days, start, timeZone } = schedule;
  const windowSeconds = secondsOf(schedule.end) - secondsOf(start);
  const { drainDeadline, bootDeadline, verifyDeadline, settle } = cluster.reboots;
  const nodeSeconds = [drainDeadline, bootDeadline, verifyDeadline, settle].reduce(
    (sum, { seconds }) => sum + seconds,
    0,
  );
  new k8s.KubeNetworkPolicy(chart, 'NobodyConnects', {
    metadata: { name: NAME, namespace: NAMESPACE },
    spec: { podSelector: { matchLabels: LABELS }, policyTypes: ['Ingress'], ingress: [] },
  });
  const manifest = k8s.KubeCronJob.manifest({
    metadata: {
      name: NAME,
      namespace: NAMESPACE,
      labels: LABELS,
      annotations: {
        // The schedule of a CronJob has no end.
        'kubernetes.io/description': windowWords(schedule),
        // A roll that stopped is told by the alerts; it must not make the whole Application look broken until the next.
        'argocd.argoproj.io/ignore-healthcheck': 'true',
        ...privilegeAnnotations(PRIVILEGES),
      },
    },
    spec: {
      schedule: `${start.minute} ${start.hour} * * ${days.map((day) => day.slice(0, 3)).join(',')}`,
      timeZone,
      // Not `suspend`: who suspends it for a night by hand would be overruled at once.
      concurrencyPolicy: 'Forbid',
      // Late within the window is as good as at its beginning.
      startingDeadlineSeconds: windowSeconds,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        metadata: { labels: LABELS },
        spec: {
          // A node that is begun at the last moment may take all its time.
          activeDeadlineSeconds: windowSeconds + nodeSeconds + STARTS_SECONDS,
          backoffLimit: ATTEMPTS,
          podFailurePolicy: {
            rules: [
              // Evicted from its own node, by itself: the next pod goes on.
              { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
              // It has stopped, and why stands on the Lease: nothing gets better by asking again tonight.
              {
                action: 'FailJob',
                onExitCodes: { containerName: CONTAINER, operator: 'In', values: [1] },
                onPodConditions: [],
              },
            ],
          },
          template: { metadata: { labels: LABELS }, spec: rollPod(cluster) },
        },
      },
    },
  });
  new ApiObject(chart, 'CronJob', withHash(manifest, sha256));
}

const windowWords = ({ days, start, end, timeZone }: RebootSchedule): string =>
  `Reboots the nodes that wait for it, one after the other: from ${formatClockTime(start)} to ${formatClockTime(end)} ${timeZone} on ${days.join(', ')}. After that no other node is begun, and one that was begun is brought to its end.`;

const secondsOf = ({ hour, minute }: ClockTime): number => (hour * 60 + minute) * 60;

interface RenderedCronJob {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: { readonly jobTemplate: { readonly spec: { readonly template: { readonly metadata: object } } } };
}

/** What a roll runs by shows in the CronJob too, and is known when all layers have built. */
function withHash({ spec, ...rest }: RenderedCronJob, sha256: () => string): RenderedCronJob {
  const { jobTemplate } = spec;
  const { template, ...job } = jobTemplate.spec;
  const annotations = { 'selfheal.dev/files-sha256': Lazy.any({ produce: sha256 }) };
  const metadata = { ...template.metadata, annotations };
  return {
    ...rest,
    spec: { ...spec, jobTemplate: { ...jobTemplate, spec: { ...job, template: { ...template, metadata } } } },
  };
}

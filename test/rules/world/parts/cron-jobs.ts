/** A CronJob whose runs succeed, as kube-state-metrics shows it. */
import type { ClockTime } from '../../../../src/cluster/clock-time.js';
import { type Series, series, type Values, type World } from '../world.js';

const DAY = 24 * 60;

/** When what happens each so many days was last over, in seconds; minute 0 is midnight. */
export const lastOf =
  ({ hour, minute }: ClockTime, takesMinutes: number, everyDays = 1): Values =>
  (now) => {
    const first = hour * 60 + minute + takesMinutes;
    const period = everyDays * DAY;
    return (first + Math.floor((now - first) / period) * period) * 60;
  };

interface CronJob {
  readonly namespace: string;
  readonly cronjob: string;
  readonly lastSuccess: Values;
}

export const cronJob = ({ namespace, cronjob, lastSuccess }: CronJob): World => [
  series('kube_cronjob_created', { namespace, cronjob }, -40 * DAY * 60),
  series('kube_cronjob_spec_suspend', { namespace, cronjob }, 0),
  series('kube_cronjob_status_last_successful_time', { namespace, cronjob }, lastSuccess),
];

/** A Job of a CronJob that started at a second and failed some minutes later. */
export const failedJob = (namespace: string, cronjob: string, startedAt: number, failedAtMinute: number): World => {
  const labels = { namespace, job_name: `${cronjob}-1` };
  const since =
    (value: number): Series['values'] =>
    (minute) =>
      minute < startedAt / 60 ? null : value;
  return [
    series('kube_job_owner', { ...labels, owner_kind: 'CronJob', owner_name: cronjob }, since(1)),
    series('kube_job_status_start_time', labels, since(startedAt)),
    series('kube_job_failed', { ...labels, condition: 'true' }, (minute) => (minute < failedAtMinute ? null : 1)),
  ];
};

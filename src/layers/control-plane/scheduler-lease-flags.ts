/** kube-scheduler's leader election as flags in the file that MicroK8s's kubelite reads when it starts. */
import type { SchedulerLease } from '../../cluster/cluster.js';
import type { Distribution } from '../../cluster/distribution.js';
import type { Duration } from '../../cluster/duration.js';
import type { HostFlag } from '../../host/host-state.js';

export function schedulerLeaseFlags(
  { name, schedulerArguments, kubeletUnit }: Distribution,
  { leaseDuration, renewDeadline, retryPeriod }: SchedulerLease,
): readonly HostFlag[] {
  if (schedulerArguments === null) {
    throw new Error(`distribution '${name}': expected an arguments file of kube-scheduler, got null`);
  }
  const flag = (name: string, { seconds }: Duration): HostFlag => ({
    file: schedulerArguments,
    flag: `--leader-elect-${name}`,
    value: `${seconds}s`,
    readBy: kubeletUnit['control-plane'],
  });
  // All three, because a lease shorter than the renew deadline that MicroK8s ships (30 s) keeps kube-scheduler from starting.
  return [
    flag('lease-duration', leaseDuration),
    flag('renew-deadline', renewDeadline),
    flag('retry-period', retryPeriod),
  ];
}

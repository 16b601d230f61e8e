/** How a Job of the backup ends: at its deadline, or with a status that a further attempt cannot mend. */
import type { k8s } from 'cdk8s-plus-28';
import type { Run } from './run.js';

export const jobEnd = ({
  deadline,
  container,
  hopeless,
}: Run): Pick<k8s.JobSpec, 'activeDeadlineSeconds' | 'backoffLimit' | 'podFailurePolicy'> => ({
  activeDeadlineSeconds: deadline.seconds,
  backoffLimit: 2,
  podFailurePolicy: {
    rules: [
      {
        action: 'FailJob',
        onExitCodes: { containerName: container, operator: 'In', values: [...hopeless] },
        onPodConditions: [],
      },
    ],
  },
});

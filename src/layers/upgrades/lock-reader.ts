/** What the gate of a worker may read: the lock of a roll of reboots, which takes nodes down too. */
import { k8s } from 'cdk8s-plus-28';
import type { ApplicationChart } from '../../argo/application-chart.js';

export const LOCK_NAMESPACE = 'kube-system';
const LOCK = 'selfheal-reboot';
const NAME = 'selfheal-upgrade-gate';
const RBAC = 'rbac.authorization.k8s.io';

/** A worker asks as its own kubelet, which may read its own Node and no Lease. Every node may know of this one. */
export function addLockReader(chart: ApplicationChart): void {
  const metadata = { name: NAME, namespace: LOCK_NAMESPACE };
  new k8s.KubeRole(chart, 'LockReader', {
    metadata: {
      ...metadata,
      annotations: {
        'kubernetes.io/description':
          'Whether a roll of reboots is at work: no upgrade of a worker begins then. One Lease, to read.',
      },
    },
    rules: [{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: [LOCK], verbs: ['get'] }],
  });
  new k8s.KubeRoleBinding(chart, 'LockReaderBound', {
    metadata,
    roleRef: { apiGroup: RBAC, kind: 'Role', name: NAME },
    subjects: [{ apiGroup: RBAC, kind: 'Group', name: 'system:nodes' }],
  });
}

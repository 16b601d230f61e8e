/** A pod that runs, as kube-state-metrics shows it. */
import { series, type World } from '../world.js';

interface Pod {
  readonly namespace: string;
  readonly pod: string;
  readonly node: string;
  readonly owner: { readonly kind: 'DaemonSet' | 'ReplicaSet' | 'StatefulSet' | 'Job'; readonly name: string };

  /** @default - one container, named like the owner */
  readonly container?: string;

  /** When it was made and started. @default - 29 days before minute 0 */
  readonly startedAt?: number;
}

const LONG_AGO = -29 * 86_400;

export function pod({ namespace, pod, node, owner, container = owner.name, startedAt = LONG_AGO }: Pod): World {
  const uid = `uid-${pod}`;
  const labels = { namespace, pod, uid };
  return [
    series('kube_pod_info', { ...labels, node, created_by_kind: owner.kind, created_by_name: owner.name }, 1),
    series('kube_pod_owner', { ...labels, owner_kind: owner.kind, owner_name: owner.name }, 1),
    series('kube_pod_created', labels, startedAt),
    series('kube_pod_status_phase', { ...labels, phase: 'Running' }, 1),
    series('kube_pod_status_phase', { ...labels, phase: 'Pending' }, 0),
    series('kube_pod_status_ready', { ...labels, condition: 'true' }, 1),
    series('kube_pod_status_scheduled', { ...labels, condition: 'true' }, 1),
    series('kube_pod_status_scheduled_time', labels, startedAt),
    series('kube_pod_container_status_waiting', { ...labels, container }, 0),
    series('kube_pod_container_state_started', { ...labels, container }, startedAt),
    series('kube_pod_container_status_restarts_total', { ...labels, container }, 0),
  ];
}

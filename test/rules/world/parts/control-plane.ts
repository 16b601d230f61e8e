/** Leases, the API servers' requests to their datastore, and three pods that honestly wait. */
import type { Cluster } from '../../../../src/cluster/cluster.js';
import { always, counter, FOR_EVER, now, only, series, turn, type World } from '../world.js';

const LEASES = ['kube-scheduler', 'kube-controller-manager'];

export function controlPlane({ nodes, leaderElection, distribution }: Cluster): World {
  const servers = nodes.filter(({ role }) => role === 'control-plane');
  const [holder] = servers;
  // k3s shows what the API server counts at the kubelet's port as well.
  const ports = distribution.name === 'k3s' ? { apiserver: 6443, kubelet: 10250 } : { apiserver: 16443 };
  return [
    ...(leaderElection && holder !== undefined
      ? LEASES.flatMap((name) => lease(name, `${holder.name}_8d07-59c0`))
      : []),
    ...servers.flatMap(({ address }) =>
      Object.entries(ports).flatMap(([job, port]) => {
        const labels = { job, instance: `${address}:${port}`, operation: 'get', group: '', resource: 'pods' };
        return [
          series('etcd_requests_total', labels, counter(600, 9e6)),
          // One in three thousand: clients go away while they wait.
          series('etcd_request_errors_total', labels, counter(0.2, 3e3)),
        ];
      }),
    ),
    ...unschedulable,
    ...newVolume(nodes[0]?.name ?? ''),
    ...(nodes[0] === undefined ? [] : pulling(nodes[0].name)),
  ];
}

export function lease(name: string, holder: string): World {
  const labels = { namespace: 'kube-system', lease: name };
  return [
    series('kube_lease_owner', { ...labels, lease_holder: holder, owner_kind: '', owner_name: '' }, 1),
    // Every two seconds.
    series('kube_lease_renew_time', labels, now(1)),
  ];
}

/** Asks for more than any node has: the scheduler has looked at it, and said no. */
const wanting = { namespace: 'web', pod: 'too-large-6b9-x', uid: 'uid-too-large' };
const unschedulable: World = [
  series('kube_pod_info', { ...wanting, node: '', created_by_kind: 'ReplicaSet', created_by_name: 'too-large-6b9' }, 1),
  series('kube_pod_created', wanting, -86_400),
  series('kube_pod_status_phase', { ...wanting, phase: 'Pending' }, 1),
  series('kube_pod_status_scheduled', { ...wanting, condition: 'false' }, 1),
];

/**
 * Its volume takes the ten minutes that a scheduler gives it. Until then that has chosen a node and said so to the
 * provisioner, and of the pod it says nothing at all.
 */
function newVolume(node: string): World {
  const [MADE, THERE] = [10, 20];
  const labels = { namespace: 'web', pod: 'large-volume-0', uid: 'uid-large-volume' };
  const claim = { namespace: 'web', persistentvolumeclaim: 'data-large-volume-0' };
  const owner = { created_by_kind: 'StatefulSet', created_by_name: 'large-volume' };
  return [
    series('kube_pod_info', { ...labels, node: '', ...owner }, only(MADE, THERE, 1)),
    series('kube_pod_info', { ...labels, node, ...owner }, only(THERE, FOR_EVER, 1)),
    series('kube_pod_created', labels, only(MADE, FOR_EVER, MADE * 60)),
    series('kube_pod_status_phase', { ...labels, phase: 'Pending' }, turn(THERE, only(MADE, FOR_EVER, 1), 0)),
    series('kube_pod_status_phase', { ...labels, phase: 'Running' }, turn(THERE, only(MADE, FOR_EVER, 0), 1)),
    series('kube_pod_status_scheduled', { ...labels, condition: 'true' }, only(THERE, FOR_EVER, 1)),
    series('kube_pod_status_scheduled_time', labels, only(THERE, FOR_EVER, THERE * 60)),
    series('kube_pod_container_status_waiting', { ...labels, container: 'main' }, only(THERE, FOR_EVER, 0)),
    series(
      'kube_pod_spec_volumes_persistentvolumeclaims_info',
      { ...labels, volume: 'data', persistentvolumeclaim: claim.persistentvolumeclaim },
      only(MADE, FOR_EVER, 1),
    ),
    ...['Pending', 'Bound', 'Lost'].map((phase) =>
      series(
        'kube_persistentvolumeclaim_status_phase',
        { ...claim, phase },
        turn(THERE, only(MADE, FOR_EVER, phase === 'Pending' ? 1 : 0), phase === 'Bound' ? 1 : 0),
      ),
    ),
  ];
}

/** Its image is large and the line is slow; the kubelet has said so. */
function pulling(node: string): World {
  const labels = { namespace: 'web', pod: 'slow-image-5c8-x', uid: 'uid-slow-image' };
  return [
    series('kube_pod_info', { ...labels, node, created_by_kind: 'ReplicaSet', created_by_name: 'slow-image-5c8' }, 1),
    series('kube_pod_created', labels, -3600),
    series('kube_pod_status_phase', { ...labels, phase: 'Pending' }, 1),
    series('kube_pod_status_scheduled', { ...labels, condition: 'true' }, 1),
    series('kube_pod_status_scheduled_time', labels, -3600),
    series('kube_pod_container_status_waiting', { ...labels, container: 'main' }, always(1)),
    series('kube_pod_init_container_status_waiting', { ...labels, container: 'unpack' }, always(1)),
  ];
}

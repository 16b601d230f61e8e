/** June 5, 2026: three nodes rebooted at once. k8s02 holds the scheduler lease, and everything that went wrong. */
import { reboot } from '../world/disturbances.js';
import { calicoOn } from '../world/parts/workloads.js';
import { change, now, series, turn, type World } from '../world/world.js';
import { blind, inOrder } from './events.js';
import { BEGINS, type Incident } from './incident.js';

const BACK = BEGINS + 4;
const NODE = 'k8s02';

const allReboot = (world: World): World =>
  blind(BEGINS, BACK)(['k8s01', NODE, 'k8s03'].reduce((before, node) => reboot(before, node, BEGINS, BACK), world));

/** RC-1: 46 pods that nobody looks at, while k8s02 renews its lease. */
const stalledScheduler = (world: World): World => [
  ...change(
    change(world, { metric: 'kube_lease_owner', labels: { lease: 'kube-scheduler' } }, () => 1).map((one) =>
      one.metric === 'kube_lease_owner' && one.labels.lease === 'kube-scheduler'
        ? { ...one, labels: { ...one.labels, lease_holder: `${NODE}_8b1f-22` } }
        : one,
    ),
    { metric: 'kube_lease_renew_time' },
    () => now(10),
  ),
  ...Array.from({ length: 46 }, (_, index) => ({
    namespace: 'apps',
    pod: `pod-${index}`,
    uid: `uid-new-${index}`,
  })).flatMap((pod) => [
    series('kube_pod_info', { ...pod, node: '', created_by_kind: 'ReplicaSet', created_by_name: 'app' }, since(1)),
    series('kube_pod_created', pod, since(BACK * 60)),
    series('kube_pod_status_phase', { ...pod, phase: 'Pending' }, since(1)),
  ]),
];

const since = (value: number) => (minute: number) => (minute < BACK ? null : value);

/** RC-2: calico-node is said to run since before the boot, and Jiva's replicas on the node reach nobody. */
const staleCalico = inOrder(
  (world) =>
    change(world, { metric: 'kube_pod_container_state_started', labels: { pod: calicoOn(NODE) } }, () => -86_400),
  (world) =>
    change(world, { metric: 'kube_pod_container_status_restarts_total', labels: { pod: calicoOn(NODE) } }, () => 0),
  (world) => change(world, { metric: 'kube_statefulset_status_replicas_ready' }, ({ values }) => turn(BACK, values, 1)),
);

/** RC-3: each of 10 pods is tried about every 12 s, and its name is reserved. */
const reservedNames = (world: World): World =>
  change(
    world,
    { metric: 'kubelet_runtime_operations_errors_total', labels: { node: NODE, operation_type: 'run_podsandbox' } },
    ({ values }) => turn(BACK, values, (minute) => (minute - BACK) * 50),
  );

/** From 09:00 on: pods are given to the node, and its kubelet cannot write what it does with them. */
const silentKubelet = (world: World): World => [
  ...world,
  ...['rep-1', 'rep-2'].flatMap((name) => {
    const pod = { namespace: 'openebs', pod: name, uid: `uid-${name}` };
    const from = (value: number) => (minute: number) => (minute < BEGINS ? null : value);
    return [
      series('kube_pod_info', { ...pod, node: NODE, created_by_kind: 'StatefulSet', created_by_name: 'rep' }, from(1)),
      series('kube_pod_created', pod, from(BEGINS * 60)),
      series('kube_pod_status_phase', { ...pod, phase: 'Pending' }, from(1)),
      series('kube_pod_status_scheduled', { ...pod, condition: 'true' }, from(1)),
      series('kube_pod_status_scheduled_time', pod, from(BEGINS * 60)),
    ];
  }),
];

const june5: Incident['world'] = inOrder(allReboot, stalledScheduler, staleCalico, reservedNames);

const rebooted = {
  cluster: 'pvek8s',
  when: 'June 5, 06:00',
  world: june5,
  outageAfter: 0,
  minutes: 120,
} as const;

export const INCIDENTS: readonly Incident[] = [
  {
    ...rebooted,
    anchor: 'pvek8s-rc-1-scheduler',
    beganWith: 'three nodes reboot; the scheduler stalls',
    tells: ['SchedulerNotProcessingPods', 'SchedulerLeaseHolderStalled'],
  },
  {
    ...rebooted,
    anchor: 'pvek8s-rc-2-calico',
    beganWith: 'the same; no ClusterIP rules on k8s02',
    tells: ['CalicoNodeNotRestartedAfterReboot', 'JivaVolumeWithoutQuorum', 'JivaReplicaNotReady'],
  },
  {
    ...rebooted,
    anchor: 'pvek8s-rc-3-sandboxes',
    beganWith: 'the same; sandboxes of the last boot',
    tells: ['PodSandboxStorm'],
  },
  {
    anchor: 'pvek8s-dqlite',
    when: 'June 5, 09:00',
    beganWith: 'the kubelet cannot write pod status',
    cluster: 'pvek8s',
    world: silentKubelet,
    outageAfter: 0,
    minutes: 60,
  },
];

/** NFS mounts of the nodes, Calico after a reboot, and Service addresses that lead nowhere. */
import { reboot } from '../world/disturbances.js';
import { exporterOf } from '../world/parts/nodes.js';
import { calicoOn } from '../world/parts/workloads.js';
import { change, series, turn, type Values, type World } from '../world/world.js';
import { BREAKS, type Proof } from './proof.js';

type Change = (world: World) => World;

const FOR_EVER = 10_000;

const mounted =
  (until: number): Change =>
  (world) => [
    ...world,
    series(
      'node_filesystem_size_bytes',
      { ...exporterOf('ultron'), job: 'node-exporter', fstype: 'nfs4', mountpoint: '/mnt', device: 'nas:/export' },
      (minute) => (minute >= BREAKS && minute < until ? 6e10 : null),
    ),
  ];

const CALICO = { namespace: 'kube-system', pod: calicoOn('k8s02') };

/** The node is back in minute BREAKS, and its calico-node restarts so often in each minute until a minute. */
const looping =
  (perMinute: number, until: number): Change =>
  (world) =>
    change(
      reboot(world, 'k8s02', BREAKS - 2, BREAKS),
      { metric: 'kube_pod_container_status_restarts_total', labels: CALICO },
      () => (minute) => Math.floor(Math.max(0, Math.min(minute, until) - BREAKS) * perMinute),
    );

/** The node is back in minute BREAKS, and its calico-node is said to have run through until a minute. */
const notStarted =
  (until: number): Change =>
  (world) => {
    const before: Values = () => -29 * 86_400;
    return change(
      reboot(world, 'k8s02', BREAKS - 2, BREAKS),
      { metric: 'kube_pod_container_state_started', labels: CALICO },
      () => turn(until, before, until * 60),
    );
  };

const ruleless =
  (until: number): Change =>
  (world) =>
    change(world, { metric: 'selfheal_check_status', labels: { check: 'k8s_nat_rules' } }, ({ values }) =>
      turn(
        BREAKS,
        values,
        turn(until, () => 2, values),
      ),
    );

export const PROOFS: readonly Proof[] = [
  {
    alert: 'NfsMountOnNode',
    cluster: 'homelab',
    broken: mounted(FOR_EVER),
    fires: [{ node: 'ultron' }],
    after: 5,
    justWell: mounted(BREAKS + 5),
    justTooMuch: mounted(BREAKS + 6),
    survives: ['node-exporter', 'kube-state-metrics'],
  },
  {
    alert: 'CalicoNodeRestartingAfterReboot',
    cluster: 'pvek8s',
    broken: looping(0.5, FOR_EVER),
    fires: [{ node: 'k8s02' }],
    after: 6,
    // Two restarts in the first half hour.
    justWell: looping(0.5, BREAKS + 4),
    justTooMuch: looping(0.5, BREAKS + 6),
    survives: ['node-exporter', 'kube-state-metrics'],
    // An hour after the boot it is not the reboot any more.
    minutes: BREAKS + 58,
  },
  {
    alert: 'CalicoNodeNotRestartedAfterReboot',
    cluster: 'pvek8s',
    broken: notStarted(FOR_EVER),
    fires: [{ node: 'k8s02' }],
    after: 15,
    justWell: notStarted(BREAKS + 15),
    justTooMuch: notStarted(BREAKS + 16),
    survives: ['node-exporter', 'kube-state-metrics'],
    // What was known a day ago takes over, and the world is not that old.
    minutes: BREAKS + 58,
  },
  {
    alert: 'ClusterIpRulesMissing',
    cluster: 'attic',
    broken: ruleless(FOR_EVER),
    fires: [{ node: 'lamp' }],
    after: 5,
    justWell: ruleless(BREAKS + 5),
    justTooMuch: ruleless(BREAKS + 6),
    survives: ['node-exporter', 'kube-state-metrics'],
  },
];

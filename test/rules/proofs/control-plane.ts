/** A control plane that looks alive and does nothing. */
import { lease } from '../world/parts/control-plane.js';
import { change, counter, FOR_EVER, only, type Series, series, turn, type World, without } from '../world/world.js';
import { BREAKS, type Proof } from './proof.js';

type Change = (world: World) => World;

/** Pods that were made in minute BREAKS, and what nobody says about them until a minute. */
const pending = (pod: string, node: string, until: number): World => {
  const labels = { namespace: 'web', pod, uid: `uid-${pod}` };
  const made = BREAKS * 60;
  const there = (metric: string, more: Series['labels'], value: number) =>
    series(metric, { ...labels, ...more }, only(BREAKS, FOR_EVER, value));
  return [
    there('kube_pod_info', { node, created_by_kind: 'ReplicaSet', created_by_name: 'web-1' }, 1),
    there('kube_pod_created', {}, made),
    there('kube_pod_status_phase', { phase: 'Pending' }, 1),
    ...(node === ''
      ? [series('kube_pod_status_scheduled', { ...labels, condition: 'false' }, only(until, FOR_EVER, 1))]
      : [
          there('kube_pod_status_scheduled', { condition: 'true' }, 1),
          there('kube_pod_status_scheduled_time', {}, made),
          series('kube_pod_container_status_waiting', { ...labels, container: 'web' }, only(until, FOR_EVER, 1)),
        ]),
  ];
};

const notLookedAt =
  (until: number): Change =>
  (world) => [...world, ...pending('a-1', '', until), ...pending('a-2', '', until)];

/** Each has a claim that stays without a volume; or its volume is there, as after a restart. */
const notLookedAtWithClaim =
  (until: number, phase: 'Pending' | 'Bound'): Change =>
  (world) => [
    ...notLookedAt(until)(world),
    ...['a-1', 'a-2'].flatMap((pod) => [
      series(
        'kube_pod_spec_volumes_persistentvolumeclaims_info',
        { namespace: 'web', pod, uid: `uid-${pod}`, volume: 'data', persistentvolumeclaim: `data-${pod}` },
        only(BREAKS, FOR_EVER, 1),
      ),
      ...['Pending', 'Bound', 'Lost'].map((each) =>
        series(
          'kube_persistentvolumeclaim_status_phase',
          { namespace: 'web', persistentvolumeclaim: `data-${pod}`, phase: each },
          only(BREAKS, FOR_EVER, each === phase ? 1 : 0),
        ),
      ),
    ]),
  ];

const notStarted =
  (until: number): Change =>
  (world) => [...world, ...pending('b-1', 'k8s02', until)];

const SCHEDULER = { namespace: 'kube-system', lease: 'kube-scheduler' };

const notRenewed =
  (until: number): Change =>
  (world) =>
    change(world, { metric: 'kube_lease_renew_time', labels: SCHEDULER }, ({ values }) =>
      turn(
        BREAKS,
        values,
        turn(until, () => values(BREAKS - 1), values),
      ),
    );

/** Another instance holds the scheduler's lease from each of these minutes on. */
const holders =
  (...minutes: readonly number[]): Change =>
  (world) => [
    ...without(world, { metric: 'kube_lease_owner', labels: SCHEDULER }),
    ...[0, ...minutes].map((from, index) => {
      const [owner] = lease('kube-scheduler', `k8s0${(index % 3) + 1}_instance-${index}`);
      if (owner === undefined) throw new Error('lease: expected its owner');
      return { ...owner, values: only(from, minutes[index] ?? FOR_EVER, 1) };
    }),
  ];

const failing =
  (perMinute: number): Change =>
  (world) =>
    change(world, { metric: 'etcd_request_errors_total' }, ({ values }) =>
      turn(BREAKS, values, (minute) => (values(BREAKS) ?? 0) + (counter(perMinute)(minute - BREAKS) ?? 0)),
    );

export const PROOFS: readonly Proof[] = [
  {
    alert: 'SchedulerNotProcessingPods',
    cluster: 'homelab',
    broken: notLookedAt(FOR_EVER),
    fires: [{}],
    after: 8,
    justWell: notLookedAt(BREAKS + 8),
    justTooMuch: notLookedAt(BREAKS + 9),
    survives: ['kube-state-metrics'],
  },
  {
    alert: 'SchedulerLeaseHolderStalled',
    cluster: 'pvek8s',
    broken: notLookedAt(FOR_EVER),
    fires: [{ node: 'k8s01' }],
    after: 8,
    justWell: notLookedAt(BREAKS + 8),
    justTooMuch: notLookedAt(BREAKS + 9),
    survives: ['kube-state-metrics'],
  },
  {
    alert: 'SchedulerNotProcessingPods',
    cluster: 'homelab',
    broken: notLookedAtWithClaim(FOR_EVER, 'Bound'),
    fires: [{}],
    after: 8,
    justWell: notLookedAtWithClaim(BREAKS + 8, 'Bound'),
    justTooMuch: notLookedAtWithClaim(BREAKS + 9, 'Bound'),
    survives: ['kube-state-metrics'],
  },
  {
    // Ten minutes more: so long a scheduler waits for a volume without a word.
    alert: 'SchedulerNotProcessingPods',
    cluster: 'pvek8s',
    broken: notLookedAtWithClaim(FOR_EVER, 'Pending'),
    fires: [{}],
    after: 18,
    justWell: notLookedAtWithClaim(BREAKS + 18, 'Pending'),
    justTooMuch: notLookedAtWithClaim(BREAKS + 19, 'Pending'),
    survives: ['kube-state-metrics'],
  },
  {
    alert: 'SchedulerLeaseHolderStalled',
    cluster: 'pvek8s',
    broken: notLookedAtWithClaim(FOR_EVER, 'Pending'),
    fires: [{ node: 'k8s01' }],
    after: 18,
    justWell: notLookedAtWithClaim(BREAKS + 18, 'Pending'),
    justTooMuch: notLookedAtWithClaim(BREAKS + 19, 'Pending'),
    survives: ['kube-state-metrics'],
  },
  {
    alert: 'ControlPlaneLeaseNotRenewed',
    cluster: 'pvek8s',
    broken: notRenewed(FOR_EVER),
    fires: [SCHEDULER],
    after: 9,
    justWell: notRenewed(BREAKS + 9),
    justTooMuch: notRenewed(BREAKS + 10),
    survives: ['kube-state-metrics'],
  },
  {
    alert: 'LeaderElectionFlapping',
    cluster: 'pvek8s',
    broken: holders(...Array.from({ length: 20 }, (_, index) => BREAKS + 10 * index)),
    fires: [SCHEDULER],
    after: 20,
    // The first was last seen a minute before BREAKS: the fourth comes when that is more than an hour ago, or just not.
    justWell: holders(BREAKS, BREAKS + 30, BREAKS + 60),
    justTooMuch: holders(BREAKS, BREAKS + 30, BREAKS + 58),
    survives: ['kube-state-metrics'],
  },
  {
    alert: 'KubeletNotStartingPods',
    cluster: 'pvek8s',
    broken: notStarted(FOR_EVER),
    fires: [{ node: 'k8s02' }],
    after: 13,
    justWell: notStarted(BREAKS + 13),
    justTooMuch: notStarted(BREAKS + 14),
    survives: ['kube-state-metrics'],
  },
  {
    alert: 'DatastoreRequestErrors',
    cluster: 'homelab',
    broken: failing(30),
    fires: [{ host: '10.0.1.10' }],
    after: 19,
    // Of 600 requests in a minute.
    justWell: failing(11.9),
    justTooMuch: failing(12.1),
    survives: ['api-server'],
  },
];

/** Volumes of Jiva without their replicas, and what is left over of them. */
import { VOLUMES } from '../world/parts/jiva.js';
import { change, series, turn, type World } from '../world/world.js';
import { BREAKS, type Proof } from './proof.js';

type Change = (world: World) => World;

const FOR_EVER = 10_000;
const [VOLUME] = VOLUMES;
const REPLICAS = { namespace: 'openebs', statefulset: `${VOLUME}-jiva-rep` };
const BUDGET = { namespace: 'openebs', poddisruptionbudget: `${VOLUME}-pdb` };

const has =
  (metric: string, labels: Readonly<Record<string, string>>) =>
  (value: number, until: number): Change =>
  (world) =>
    change(world, { metric, labels }, ({ values }) =>
      turn(
        BREAKS,
        values,
        turn(until, () => value, values),
      ),
    );

const ready = has('kube_statefulset_status_replicas_ready', REPLICAS);
const healthy = has('kube_poddisruptionbudget_status_current_healthy', BUDGET);

const CONTROLLER = { namespace: 'openebs', pod: `${VOLUME}-jiva-ctrl-7d9f-x` };

/** Should have been gone in minute BREAKS, and is until another. */
const terminating =
  (until: number): Change =>
  (world) => [
    ...world,
    series('kube_pod_deletion_timestamp', { ...CONTROLLER, uid: 'uid-c' }, (minute) =>
      minute >= BREAKS && minute < until ? BREAKS * 60 : null,
    ),
  ];

const LEFT = { namespace: 'kube-system', pod: 'hostpath-provisioner-k8s02-a' };

const leftOver =
  (until: number): Change =>
  (world) => {
    const labels = { ...LEFT, uid: 'uid-left' };
    const there = (metric: string, more: Readonly<Record<string, string>>, value: number) =>
      series(metric, { ...labels, ...more }, (minute) => (minute >= BREAKS && minute < until ? value : null));
    return [
      ...world,
      there('kube_pod_created', {}, BREAKS * 60),
      there('kube_pod_owner', { owner_kind: '', owner_name: '' }, 1),
      there('kube_pod_status_phase', { phase: 'Running' }, 1),
    ];
  };

export const PROOFS: readonly Proof[] = [
  {
    alert: 'JivaVolumeWithoutQuorum',
    cluster: 'pvek8s',
    broken: ready(1, FOR_EVER),
    fires: [REPLICAS],
    after: 5,
    justWell: (world) => ready(1, BREAKS + 5)(ready(2, FOR_EVER)(world)),
    justTooMuch: ready(1, BREAKS + 6),
    survives: ['kube-state-metrics'],
  },
  {
    alert: 'JivaReplicaNotReady',
    cluster: 'pvek8s',
    broken: ready(2, FOR_EVER),
    fires: [REPLICAS],
    after: 45,
    justWell: ready(2, BREAKS + 45),
    justTooMuch: ready(2, BREAKS + 46),
    survives: ['kube-state-metrics'],
  },
  {
    alert: 'JivaPodStuckTerminating',
    cluster: 'pvek8s',
    broken: terminating(FOR_EVER),
    fires: [CONTROLLER],
    after: 11,
    justWell: terminating(BREAKS + 11),
    justTooMuch: terminating(BREAKS + 12),
    survives: ['kube-state-metrics'],
  },
  {
    alert: 'JivaDisruptionBudgetBlocked',
    cluster: 'pvek8s',
    broken: healthy(1, FOR_EVER),
    fires: [BUDGET],
    after: 45,
    justWell: (world) => healthy(1, BREAKS + 45)(healthy(2, FOR_EVER)(world)),
    justTooMuch: healthy(1, BREAKS + 46),
    survives: ['kube-state-metrics'],
  },
  {
    alert: 'JivaOrphanPod',
    cluster: 'pvek8s',
    broken: leftOver(FOR_EVER),
    fires: [LEFT],
    after: 61,
    justWell: leftOver(BREAKS + 61),
    justTooMuch: leftOver(BREAKS + 62),
    survives: ['kube-state-metrics'],
  },
];

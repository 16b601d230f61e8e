/** CoreDNS, Longhorn's sidecars, Argo CD, and the checks of the hosts. */
import { change, series, turn, type Values, type World } from '../world/world.js';
import { BREAKS, type Proof } from './proof.js';

type Change = (world: World) => World;

const FOR_EVER = 10_000;

const between =
  (until: number, value: number) =>
  ({ values }: { readonly values: Values }): Values =>
    turn(
      BREAKS,
      values,
      turn(until, () => value, values),
    );

const dns =
  (available: number, until: number): Change =>
  (world) =>
    change(
      world,
      { metric: 'kube_deployment_status_replicas_available', labels: { deployment: 'coredns' } },
      between(until, available),
    );

/** From minute BREAKS until another, these pods of a workload are on one node. */
const together =
  (owner: string, node: string, until: number): Change =>
  (world) =>
    world.flatMap((one) => {
      const { metric, labels, values } = one;
      if (metric !== 'kube_pod_info' || labels.created_by_name !== owner || labels.node === node) return [one];
      const away = (minute: number) => minute >= BREAKS && minute < until;
      return [
        series(metric, labels, (minute) => (away(minute) ? null : values(minute))),
        series(metric, { ...labels, node }, (minute) => (away(minute) ? values(minute) : null)),
      ];
    });

/** From minute BREAKS until another there is nothing of a pod. */
const gone =
  (pod: string, until: number): Change =>
  (world) =>
    ['kube_pod_info', 'kube_pod_status_ready'].reduce(
      (before, metric) =>
        change(
          before,
          { metric, labels: { pod } },
          ({ values }) =>
            (minute) =>
              minute >= BREAKS && minute < until ? null : values(minute),
        ),
      world,
    );

const CONTROLLER = 'argocd-application-controller-0';

const silent =
  (until: number): Change =>
  (world) =>
    change(
      world,
      { metric: 'node_textfile_mtime_seconds', labels: { file: '/host/textfile/selfheal_checks.prom' } },
      ({ values }) =>
        turn(
          BREAKS,
          values,
          turn(until, () => values(BREAKS - 1), values),
        ),
    );

const unknown =
  (until: number): Change =>
  (world) =>
    change(world, { metric: 'selfheal_check_status' }, between(until, 3));

export const PROOFS: readonly Proof[] = [
  {
    alert: 'CoreDnsUnavailable',
    cluster: 'homelab',
    broken: dns(0, FOR_EVER),
    fires: [{ namespace: 'kube-system', deployment: 'coredns' }],
    after: 2,
    justWell: (world) => dns(0, BREAKS + 2)(dns(1, FOR_EVER)(world)),
    justTooMuch: dns(0, BREAKS + 3),
    survives: ['kube-state-metrics'],
  },
  {
    alert: 'CoreDnsReplicasLow',
    cluster: 'homelab',
    broken: dns(1, FOR_EVER),
    fires: [{ namespace: 'kube-system', deployment: 'coredns' }],
    after: 30,
    justWell: dns(1, BREAKS + 30),
    justTooMuch: dns(1, BREAKS + 31),
    survives: ['kube-state-metrics'],
  },
  {
    alert: 'CoreDnsOnOneNode',
    cluster: 'homelab',
    broken: together('coredns-5796f45777', 'jarvis', FOR_EVER),
    fires: [{}],
    after: 10,
    justWell: together('coredns-5796f45777', 'jarvis', BREAKS + 10),
    justTooMuch: together('coredns-5796f45777', 'jarvis', BREAKS + 11),
    survives: ['kube-state-metrics'],
  },
  {
    alert: 'CsiSidecarsConcentrated',
    cluster: 'homelab',
    broken: together('csi-attacher-5796f45777', 'ultron', FOR_EVER),
    fires: [{ deployment: 'csi-attacher', node: 'ultron' }],
    after: 30,
    justWell: together('csi-attacher-5796f45777', 'ultron', BREAKS + 30),
    justTooMuch: together('csi-attacher-5796f45777', 'ultron', BREAKS + 31),
    survives: ['kube-state-metrics'],
  },
  {
    alert: 'ArgoCdControlPlaneDown',
    cluster: 'homelab',
    broken: gone(CONTROLLER, FOR_EVER),
    fires: [{ component: 'application-controller' }],
    after: 10,
    justWell: gone(CONTROLLER, BREAKS + 10),
    justTooMuch: gone(CONTROLLER, BREAKS + 11),
    survives: ['kube-state-metrics'],
  },
  {
    alert: 'HostChecksSilent',
    cluster: 'attic',
    broken: silent(FOR_EVER),
    fires: [{ node: 'lamp' }],
    after: 14,
    justWell: silent(BREAKS + 14),
    justTooMuch: silent(BREAKS + 15),
    survives: ['node-exporter', 'kube-state-metrics'],
  },
  {
    alert: 'HostCheckCannotTell',
    cluster: 'attic',
    broken: unknown(FOR_EVER),
    fires: [{ node: 'lamp', check: 'k8s_nat_rules' }],
    after: 60,
    justWell: unknown(BREAKS + 60),
    justTooMuch: unknown(BREAKS + 61),
    survives: ['node-exporter', 'kube-state-metrics'],
    minutes: 240,
  },
];

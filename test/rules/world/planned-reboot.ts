/** A node is cordoned, drained, rebooted and given back, as a person does it or a roll. */
import type { Cluster } from '../../../src/cluster/cluster.js';
import { PLANNED_REBOOT_TAINT } from '../../../src/manifest/planned-reboot-taint.js';
import { reboot } from './disturbances.js';
import { change, gap, matches, series, turn, type Values, type World } from './world.js';

interface PlannedReboot {
  readonly node: string;

  /** The minute in which it goes down. It was announced five minutes before, and drained in between. */
  readonly at: number;

  /** How long it is away, in minutes. */
  readonly away: number;

  /** A person cordons; a roll of ours marks, and somebody may uncordon too early. */
  readonly announcedBy: 'cordon' | 'taint';

  /** The node that Prometheus runs on: while it is away nothing is scraped. */
  readonly prometheusOn: string | null;
}

/** How long before and after the reboot the node takes no pods, in minutes. */
const ANNOUNCED = 5;
const DRAINED = 3;

/** Until what was drained runs again, and until its replicas are rebuilt. */
const SETTLES = 6;
const REBUILDS = 20;
const COMES_BACK = 3;

export function plannedReboot(
  well: World,
  { nodes, hosts }: Cluster,
  { node, at, away, announcedBy, prometheusOn }: PlannedReboot,
): World {
  const back = at + away;
  const free = back + ANNOUNCED;
  const count = nodes.length;
  const lessOne = (metric: string, until: number) => (world: World) =>
    set(world, metric, {}, (values) =>
      during(at - DRAINED, until, values, (minute) => (values(minute) ?? 1) - (count > 1 ? 1 : 0)),
    );
  return [
    announce(node, announcedBy, at - ANNOUNCED, free),
    (world: World) => reboot(world, node, at, back),
    (world: World) => set(world, 'probe_success', { node }, (values) => during(at, back, values, 0)),
    // What was drained waits until the node takes pods again: its place is here, and required.
    lessOne('kube_deployment_status_replicas_available', free + SETTLES),
    lessOne('kube_statefulset_status_replicas_ready', free + SETTLES),
    lessOne('kube_poddisruptionbudget_status_current_healthy', free + SETTLES),
    ...hosts
      .filter((group) => group.nodes.some(({ name }) => name === node))
      .map(
        ({ name: daemonset }) =>
          (world: World) =>
            set(world, 'kube_daemonset_status_number_unavailable', { daemonset }, (values) =>
              during(at, back + SETTLES, values, 1),
            ),
      ),
    // One volume has a replica elsewhere, the other has its only one on this node.
    robustness('pvc-one', 'degraded', at - DRAINED, free + REBUILDS),
    robustness('pvc-two', 'faulted', at, back + COMES_BACK),
    // The file of before the reboot is there until each program has run once.
    (world: World) =>
      set(world, 'node_textfile_mtime_seconds', { pod: `node-exporter-${node}` }, (values) =>
        during(back, back + 2, values, () => values(at - 1)),
      ),
    ...(prometheusOn === node
      ? [(world: World) => world.map((one) => ({ ...one, values: gap(at, back + 1, one.values) }))]
      : []),
  ].reduce((world, event) => event(world), well);
}

const announce =
  (node: string, by: PlannedReboot['announcedBy'], from: number, to: number) =>
  (world: World): World =>
    by === 'cordon'
      ? set(world, 'kube_node_spec_unschedulable', { node }, (values) => during(from, to, values, 1))
      : [
          ...world,
          series(
            'kube_node_spec_taint',
            { node, key: PLANNED_REBOOT_TAINT, value: '', effect: 'PreferNoSchedule' },
            (minute) => (minute >= from && minute < to ? 1 : null),
          ),
        ];

const robustness = (volume: string, state: 'degraded' | 'faulted', from: number, to: number) => (world: World) =>
  Object.entries({ healthy: 0, [state]: 1 }).reduce(
    (before, [name, value]) =>
      set(before, 'longhorn_volume_robustness', { volume, state: name }, (values) => during(from, to, values, value)),
    world,
  );

const during = (from: number, to: number, values: Values, then: Values | number): Values =>
  turn(from, values, turn(to, typeof then === 'number' ? () => then : then, values));

/** Clusters differ in what they have: what is not there need not change. */
const set = (
  world: World,
  metric: string,
  labels: Readonly<Record<string, string>>,
  values: (old: Values) => Values,
): World =>
  world.some(matches({ metric, labels })) ? change(world, { metric, labels }, (one) => values(one.values)) : world;

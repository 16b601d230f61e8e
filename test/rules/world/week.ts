/**
 * A whole week of a healthy cluster, with all that happens in one.
 *
 * The figures are the seeds' own: up to two stalls in ten minutes, sandboxes that fail for a minute after a boot, a backup
 * each night. On top: each exporter restarts once, a clock is set, a node is rebooted as planned.
 */
import type { Cluster } from '../../../src/cluster/cluster.js';
import { clockStep, EXPORTERS, restart } from './disturbances.js';
import { healthy } from './healthy.js';
import { plannedReboot } from './planned-reboot.js';
import { change, type World } from './world.js';

const [HOUR, DAY] = [60, 24 * 60];

/** In minutes. */
export const WEEK = 7 * DAY;

export function week(cluster: Cluster): World {
  const [first, last] = [cluster.nodes[0]?.name ?? '', cluster.nodes.at(-1)?.name ?? ''];
  const at = 2 * DAY + 14 * HOUR;
  const events = [
    (world: World) =>
      plannedReboot(world, cluster, { node: last, at, away: 3, announcedBy: 'cordon', prometheusOn: null }),
    bootNoise(last, at + 4),
    ...EXPORTERS.map(
      (exporter, index) => (world: World) => restart(world, exporter, index * DAY + 9 * HOUR + index * 7),
    ),
    (world: World) => clockStep(world, first, 4 * DAY + 3 * HOUR, -40),
  ];
  return events.reduce((before, event) => event(before), healthy(cluster));
}

/** Five sandboxes that could not be created within two minutes, as after each boot. */
const bootNoise =
  (node: string, at: number) =>
  (world: World): World =>
    change(world, { metric: 'kubelet_runtime_operations_errors_total', labels: { node } }, ({ values }) => (minute) => {
      const before = values(minute);
      return before === null || minute < at ? before : before + Math.min(5, (minute - at) * 3);
    });

/** What happens to every cluster now and then, and what a rule must neither fall for nor be blinded by. */
import type { Cluster } from '../../../src/cluster/cluster.js';
import { exporterOf } from './parts/nodes.js';
import { gap, type Series, series, turn, type World } from './world.js';

export type Exporter = 'node-exporter' | 'kube-state-metrics' | 'kubelet' | 'api-server' | 'longhorn' | 'blackbox';

export const EXPORTERS: readonly Exporter[] = [
  'node-exporter',
  'kube-state-metrics',
  'kubelet',
  'api-server',
  'longhorn',
  'blackbox',
];

const EXPORTED_BY: readonly (readonly [string, Exporter])[] = [
  ['node_', 'node-exporter'],
  ['selfheal_', 'node-exporter'],
  ['kube_', 'kube-state-metrics'],
  ['kubelet_', 'kubelet'],
  ['etcd_', 'api-server'],
  ['longhorn_', 'longhorn'],
  ['probe_', 'blackbox'],
];

export function exporterOfSeries({ metric }: Series): Exporter {
  const exporter = EXPORTED_BY.find(([prefix]) => metric.startsWith(prefix))?.[1];
  if (exporter === undefined) throw new Error(`series '${metric}': expected one of a known exporter`);
  return exporter;
}

/** What a restart of the program sets back to 0. A textfile and the API's own objects outlive their exporters. */
const isCounterOf = ({ metric }: Series): boolean =>
  metric.endsWith('_total') &&
  !metric.startsWith('selfheal_') &&
  !metric.startsWith('kube_') &&
  !metric.startsWith('node_');

/** All of an exporter's instances restart: two scrapes fail, and what it counts by itself begins anew. */
export const restart = (world: World, exporter: Exporter, at: number): World =>
  world.map((one) =>
    exporterOfSeries(one) === exporter ? { ...one, values: gap(at, at + 2, restarted(one, at + 2)) } : one,
  );

function restarted(one: Series, at: number): Series['values'] {
  if (!isCounterOf(one)) return one.values;
  return turn(at, one.values, (minute) => {
    const [now, then] = [one.values(minute), one.values(at)];
    return now === null ? null : now - (then ?? 0);
  });
}

/**
 * A node's clock jumps. The kernel keeps the uptime, so the boot time that it shows jumps as well, and so does the time
 * of a file that is written every minute; times that were written down before stay.
 */
export const clockStep = (world: World, node: string, at: number, seconds: number): World =>
  world.map((one) => {
    const ofExporter = one.labels.pod === exporterOf(node).pod && one.labels.namespace === exporterOf(node).namespace;
    if (!(ofExporter && FOLLOWS_THE_CLOCK.includes(one.metric)) && !isRenewedBy(world, node, one)) return one;
    return series(one.metric, one.labels, (minute) => {
      const value = one.values(minute);
      if (value === null || minute < at) return value;
      // A file that was last written before the step keeps its time, and so does a lease.
      if (WRITTEN_DOWN.includes(one.metric) && value < at * 60) return value;
      return value + seconds;
    });
  });

const FOLLOWS_THE_CLOCK = ['node_time_seconds', 'node_boot_time_seconds', 'node_textfile_mtime_seconds'];
const WRITTEN_DOWN = ['node_textfile_mtime_seconds', 'kube_lease_renew_time'];

/** A lease is renewed by the clock of the node that holds it. */
const isRenewedBy = (world: World, node: string, { metric, labels }: Series): boolean =>
  metric === 'kube_lease_renew_time' &&
  world.some(
    (other) =>
      other.metric === 'kube_lease_owner' &&
      other.labels.lease === labels.lease &&
      other.labels.lease_holder?.startsWith(`${node}_`),
  );

/**
 * A node goes down at a minute and is up again later: its exporters are silent, its node object is not Ready for as long
 * and a minute more, its pods start again. Files of its textfile folder stay until they are written again.
 */
export const reboot = (world: World, node: string, at: number, back: number): World => {
  const pods = new Set(
    world.filter(({ metric, labels }) => metric === 'kube_pod_info' && labels.node === node).map(key),
  );
  return world.map((one) => {
    const { metric, labels, values } = one;
    const exporter = exporterOfSeries(one);
    if (labels.pod === exporterOf(node).pod && exporter === 'node-exporter') {
      if (metric === 'node_boot_time_seconds')
        return { ...one, values: gap(at, back, turn(back, values, back * 60 - 30)) };
      const restarts = metric.startsWith('node_') && metric.endsWith('_total');
      return { ...one, values: gap(at, back, restarts ? turn(back, values, sinceMinute(one, back)) : values) };
    }
    if (exporter === 'kubelet' && labels.node === node)
      return { ...one, values: gap(at, back, turn(back, values, sinceMinute(one, back))) };
    // Where there is one server nobody else takes its leases over.
    if (isRenewedBy(world, node, one))
      return {
        ...one,
        values: turn(
          at,
          values,
          turn(back + 2, () => values(at), values),
        ),
      };
    if (metric === 'probe_success' && labels.node === node)
      return {
        ...one,
        values: turn(
          at,
          values,
          turn(back, () => 0, values),
        ),
      };
    if (metric === 'kube_node_status_condition' && labels.node === node && labels.condition === 'Ready')
      return {
        ...one,
        values: turn(
          at + 1,
          values,
          turn(back + 1, () => (labels.status === 'unknown' ? 1 : 0), values),
        ),
      };
    if (!metric.startsWith('kube_pod_') || !pods.has(key(one))) return one;
    if (metric === 'kube_pod_status_ready' && labels.condition === 'true')
      return {
        ...one,
        values: turn(
          at + 1,
          values,
          turn(back + 2, () => 0, values),
        ),
      };
    if (metric === 'kube_pod_container_state_started')
      return { ...one, values: turn(back + 1, values, back * 60 + 30) };
    if (metric === 'kube_pod_container_status_restarts_total')
      return { ...one, values: turn(back + 1, values, (minute) => (values(minute) ?? 0) + 1) };
    return one;
  });
};

const key = ({ labels }: Series): string => `${labels.namespace}/${labels.pod}`;

const sinceMinute =
  ({ values }: Series, minute: number): Series['values'] =>
  (at) => {
    const [now, then] = [values(at), values(minute)];
    return now === null ? null : now - (then ?? 0);
  };

export const nodeNames = ({ nodes }: Cluster): readonly string[] => nodes.map(({ name }) => name);

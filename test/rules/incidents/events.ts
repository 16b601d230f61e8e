/** What happened in the incidents, as changes of a healthy world. */
import type { Cluster } from '../../../src/cluster/cluster.js';
import { exporterOfSeries } from '../world/disturbances.js';
import { exporterOf } from '../world/parts/nodes.js';
import { change, gap, type Series, series, turn, type Values, type World } from '../world/world.js';

type Event = (world: World) => World;

export const inOrder =
  (...events: readonly Event[]): Event =>
  (world) =>
    events.reduce((before, event) => event(before), world);

const FOR_EVER = 1_000_000;

/**
 * The node answers nobody any more. Where it is the only server, kube-state-metrics goes on showing what it last heard,
 * and nobody renews a lease.
 */
export const dark =
  (node: string, at: number, { nodes }: Cluster, until = FOR_EVER): Event =>
  (world) => {
    const described = nodes.find(({ name }) => name === node);
    const servers = nodes.filter(({ role }) => role === 'control-plane');
    const onlyServer = servers.length === 1 && servers[0]?.name === node;
    const ofNode = ({ labels, metric }: Series) =>
      (labels.pod === exporterOf(node).pod && !metric.startsWith('kube_')) ||
      (metric.startsWith('kubelet_') && labels.node === node) ||
      (metric.startsWith('etcd_') && labels.instance?.startsWith(`${described?.address}:`));
    return world.map((one): Series => {
      if (one.metric === 'probe_success')
        return one.labels.node === node ? { ...one, values: during(at, until, one.values, 0) } : one;
      if (ofNode(one)) return { ...one, values: gap(at, until, one.values) };
      if (onlyServer)
        return one.metric === 'kube_lease_renew_time' ? { ...one, values: stopped(at, until, one.values) } : one;
      if (one.metric !== 'kube_node_status_condition' || one.labels.node !== node) return one;
      return { ...one, values: during(at + 1, until, one.values, one.labels.status === 'unknown' ? 1 : 0) };
    });
  };

const during = (from: number, to: number, values: Values, value: number): Values =>
  turn(
    from,
    values,
    turn(to, () => value, values),
  );

const stopped = (from: number, to: number, values: Values): Values =>
  turn(
    from,
    values,
    turn(to, () => values(from), values),
  );

/** The kernel of a node mounts an NFS file system. */
export const nfsMount =
  (node: string, at: number): Event =>
  (world) => [
    ...world,
    series(
      'node_filesystem_size_bytes',
      { ...exporterOf(node), fstype: 'nfs4', mountpoint: '/var/lib/longhorn-backupstore-mounts/ultron' },
      (minute) => (minute < at ? null : 1e12),
    ),
  ];

/** What the watchdog counts in its windows. */
export const stalls =
  (node: string, window: 'burst' | 'sustained' | 'chronic', values: Values): Event =>
  (world) =>
    change(
      world,
      { metric: 'selfheal_watchdog_stalls', labels: { pod: exporterOf(node).pod, window } },
      (old) => (minute) => (old.values(minute) === null ? null : values(minute)),
    );

/** The watchdog has rebooted its node once more. */
export const healed =
  (node: string, at: number): Event =>
  (world) =>
    change(
      world,
      { metric: 'selfheal_watchdog_reboots_total', labels: { pod: exporterOf(node).pod } },
      ({ values }) =>
        (minute) => {
          const before = values(minute);
          return before === null || minute < at ? before : before + 1;
        },
    );

/** Every object of a namespace's workloads is gone. */
export const wiped =
  (namespace: string, at: number): Event =>
  (world) =>
    world.map((one) =>
      one.labels.namespace === namespace && exporterOfSeries(one) === 'kube-state-metrics'
        ? { ...one, values: gap(at, FOR_EVER, one.values) }
        : one,
    );

/** All of Prometheus is away: nothing is scraped. */
export const blind =
  (from: number, to: number): Event =>
  (world) =>
    world.map((one) => ({ ...one, values: gap(from, to, one.values) }));

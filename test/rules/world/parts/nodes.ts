/** The nodes as kube-state-metrics, node-exporter and the kubelet show them. */
import type { Cluster, ClusterNode } from '../../../../src/cluster/cluster.js';
import { counter, now, type Series, series, type World } from '../world.js';
import { pod } from './pods.js';

/** How long the nodes have been up at minute 0: long enough that no grace of anything is left. */
export const UP_FOR = 30 * 86_400;

/** The exporter's pod on a node; the chart and the addon name them differently, the rules must not care. */
export const exporterOf = (node: string) => ({ namespace: 'monitoring', pod: `node-exporter-${node}` });

/** What the scrape of node-exporter adds to each of its series. */
export const scrapeOf = ({ name, address }: Pick<ClusterNode, 'name' | 'address'>) => ({
  ...exporterOf(name),
  instance: `${address}:9100`,
  job: 'node-exporter',
});

export const nodes = ({ nodes }: Cluster): World => nodes.flatMap(({ name, address }) => node(name, address));

function node(name: string, address: string): World {
  const exporter = scrapeOf({ name, address });
  const scraped = (metric: string, values: Series['values'] | number, labels: Series['labels'] = {}) =>
    series(metric, { ...exporter, ...labels }, values);
  return [
    series('kube_node_info', { node: name }, 1),
    series('kube_node_spec_unschedulable', { node: name }, 0),
    ...(['true', 'false', 'unknown'] as const).map((status) =>
      series('kube_node_status_condition', { node: name, condition: 'Ready', status }, status === 'true' ? 1 : 0),
    ),
    ...pod({ ...exporterOf(name), node: name, owner: { kind: 'DaemonSet', name: 'node-exporter' } }),
    scraped('node_time_seconds', now()),
    scraped('node_boot_time_seconds', -UP_FOR),
    scraped('node_procs_blocked', 0),
    scraped('node_filesystem_size_bytes', 6e10, { fstype: 'ext4', mountpoint: '/', device: '/dev/sda2' }),
    scraped('node_filesystem_device_error', 0, { fstype: 'ext4', mountpoint: '/', device: '/dev/sda2' }),
    scraped('node_nfs_rpcs_total', 0),
    series('kubelet_runtime_operations_errors_total', { node: name, operation_type: 'run_podsandbox' }, counter(0, 4)),
    series('kubelet_run_podsandbox_errors_total', { node: name, runtime_handler: 'runc' }, counter(0, 4)),
  ];
}

/** The pods that keep the hosts as described, and what they leave in the textfile folders: all as it should be. */
import type { Cluster, ClusterNode } from '../../../../src/cluster/cluster.js';
import { NODE_BOOTSTRAP_NAMESPACE } from '../../../../src/layers/node-bootstrap/host-pod.js';
import { type Series, series, type World } from '../world.js';
import { scrapeOf } from './nodes.js';
import { pod } from './pods.js';

export const BOOTSTRAP_FILE = '/host/textfile/selfheal_bootstrap.prom';

export const nodeBootstrap = ({ hosts, monitoring }: Cluster): World =>
  hosts.flatMap(({ name, nodes, driftCheck }) => {
    const daemonset = { namespace: NODE_BOOTSTRAP_NAMESPACE, daemonset: name };
    return [
      series('kube_daemonset_created', daemonset, -2_000_000),
      series('kube_daemonset_status_number_unavailable', daemonset, 0),
      ...nodes.flatMap((node) => [
        ...podOf(name, node),
        ...(monitoring?.textfileCollector ? written(node, driftCheck.seconds / 60) : []),
      ]),
    ];
  });

export const bootstrapPodOf = (daemonset: string, node: string) => ({
  namespace: NODE_BOOTSTRAP_NAMESPACE,
  pod: `${daemonset}-${node}`,
});

function podOf(daemonset: string, { name: node }: ClusterNode): World {
  const named = bootstrapPodOf(daemonset, node);
  return [
    ...pod({ ...named, node, owner: { kind: 'DaemonSet', name: daemonset }, container: 'watch' }),
    series('kube_pod_container_status_running', { ...named, uid: `uid-${named.pod}`, container: 'watch' }, 1),
  ];
}

/** A look each so many minutes. */
function written(node: ClusterNode, every: number): World {
  const of = (metric: string, values: Series['values'] | number, labels: Series['labels'] = {}) =>
    series(metric, { ...scrapeOf(node), ...labels }, values);
  const items = (state: string, value: number) => of('selfheal_bootstrap_items', value, { state });
  return [
    of('node_textfile_mtime_seconds', (minute) => Math.floor(minute / every) * every * 60 - 10, {
      file: BOOTSTRAP_FILE,
    }),
    of('selfheal_bootstrap_up', 1),
    items('kept', 20),
    items('drifted', 0),
    items('refused', 0),
    items('cannot-tell', 0),
    of('selfheal_bootstrap_restores_total', 1),
    of('selfheal_bootstrap_restores_held', 0),
    ...['reboot-required', 'kernel', 'kernel-arguments'].map((reason) => of('selfheal_reboot_pending', 0, { reason })),
  ];
}

/** The nodes of a described cluster, labelled as its distribution labels them. */
import type { Cluster, ClusterNode } from '../../../src/cluster/cluster.js';
import type { BenchNode } from '../bench/bench.js';

/** Neither distribution taints its control plane: it runs workloads too. */
export const nodesOf = (cluster: Cluster): readonly BenchNode[] =>
  cluster.nodes.map((node) => ({
    name: node.name,
    labels: {
      'kubernetes.io/hostname': node.name,
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': node.architecture,
      ...LABELS[cluster.distribution.name](node, cluster),
    },
  }));

type LabelsOf = (node: ClusterNode, cluster: Cluster) => Readonly<Record<string, string>>;

const LABELS: Readonly<Record<Cluster['distribution']['name'], LabelsOf>> = {
  k3s: ({ role }, { leaderElection }) => ({
    'node.kubernetes.io/instance-type': 'k3s',
    ...(role === 'control-plane' ? { 'node-role.kubernetes.io/control-plane': 'true' } : {}),
    ...(role === 'control-plane' && leaderElection ? { 'node-role.kubernetes.io/etcd': 'true' } : {}),
  }),
  microk8s: ({ role }) => ({
    'microk8s.io/cluster': 'true',
    [`node.kubernetes.io/microk8s-${role === 'control-plane' ? 'controlplane' : 'worker'}`]: `microk8s-${role === 'control-plane' ? 'controlplane' : 'worker'}`,
  }),
};

/** What every cluster runs: CoreDNS, Argo CD, Calico, and the sidecars of Longhorn where they are spread. */
import type { Cluster } from '../../../../src/cluster/cluster.js';
import { counter, type Series, series, type World } from '../world.js';
import { exporterOf } from './nodes.js';
import { pod } from './pods.js';

const SIDECARS = ['csi-attacher', 'csi-provisioner', 'csi-resizer', 'csi-snapshotter'];

export const workloads = (cluster: Cluster): World => [
  ...deployment(cluster, 'kube-system', 'coredns', cluster.dns?.replicas ?? 1),
  ...argoCd(cluster),
  ...(cluster.calico ? calico(cluster) : []),
  ...(cluster.longhorn?.csiSpread ? sidecars(cluster, cluster.longhorn.namespace, cluster.longhorn.csiSpread) : []),
  ...checks(cluster),
];

const HASH = '5796f45777';

/** The replicas are on one node after the other. */
function deployment({ nodes }: Cluster, namespace: string, name: string, replicas: number): World {
  return [
    series('kube_deployment_status_replicas_available', { namespace, deployment: name }, replicas),
    ...Array.from({ length: replicas }, (_, index) => index).flatMap((index) =>
      pod({
        namespace,
        pod: `${name}-${HASH}-${index}`,
        node: nodes[index % nodes.length]?.name ?? '',
        owner: { kind: 'ReplicaSet', name: `${name}-${HASH}` },
        container: name,
      }),
    ),
  ];
}

const sidecars = (cluster: Cluster, namespace: string, { replicas }: { readonly replicas: number }): World =>
  SIDECARS.flatMap((name) => deployment(cluster, namespace, name, replicas));

/** As its Helm chart and its own manifests install it: one StatefulSet among Deployments. */
function argoCd(cluster: Cluster): World {
  const { namespace } = cluster.gitops;
  const [first] = cluster.nodes;
  return [
    ...['argocd-server', 'argocd-repo-server', 'argocd-applicationset-controller'].flatMap((name) =>
      deployment(cluster, namespace, name, 1),
    ),
    ...pod({
      namespace,
      pod: 'argocd-application-controller-0',
      node: first?.name ?? '',
      owner: { kind: 'StatefulSet', name: 'argocd-application-controller' },
    }),
  ];
}

const calico = ({ nodes }: Cluster): World =>
  nodes.flatMap(({ name }) =>
    pod({
      namespace: 'kube-system',
      pod: calicoOn(name),
      node: name,
      owner: { kind: 'DaemonSet', name: 'calico-node' },
    }),
  );

export const calicoOn = (node: string): string => `calico-node-${node}`;

/** One check that concerns every host, of those that the hosts run each minute. */
function checks({ hosts }: Cluster): World {
  const checked = hosts.filter((group) => group.checks !== null).flatMap((group) => group.nodes);
  return checked.flatMap(({ name, address }): readonly Series[] => {
    const exporter = { ...exporterOf(name), instance: `${address}:9100`, job: 'node-exporter' };
    const file = '/host/textfile/selfheal_checks.prom';
    return [
      series('selfheal_check_status', { ...exporter, check: 'k8s_nat_rules' }, 0),
      series('selfheal_check_last_run_timestamp_seconds', exporter, counter(60, -20)),
      series('node_textfile_mtime_seconds', { ...exporter, file }, counter(60, -20)),
    ];
  });
}

/** Two volumes of OpenEBS Jiva: a controller and a replica on each node, and the budget that keeps a quorum. */
import type { Cluster } from '../../../../src/cluster/cluster.js';
import { series, type World } from '../world.js';
import { pod } from './pods.js';

export const VOLUMES = ['pvc-0a1b', 'pvc-2c3d'] as const;

export function jiva({ jiva, nodes }: Cluster): World {
  if (jiva === null) return [];
  const { namespace, replicas } = jiva;
  return VOLUMES.flatMap((volume) => {
    const rep = `${volume}-jiva-rep`;
    const budget = { namespace, poddisruptionbudget: `${volume}-pdb` };
    return [
      series('kube_statefulset_status_replicas_ready', { namespace, statefulset: rep }, replicas),
      series('kube_poddisruptionbudget_status_desired_healthy', budget, Math.floor(replicas / 2) + 1),
      series('kube_poddisruptionbudget_status_current_healthy', budget, replicas),
      ...pod({
        namespace,
        pod: `${volume}-jiva-ctrl-7d9f-x`,
        node: nodes[0]?.name ?? '',
        owner: { kind: 'ReplicaSet', name: `${volume}-jiva-ctrl-7d9f` },
      }),
      ...Array.from({ length: replicas }, (_, index) => index).flatMap((index) =>
        pod({
          namespace,
          pod: `${rep}-${index}`,
          node: nodes[index % nodes.length]?.name ?? '',
          owner: { kind: 'StatefulSet', name: rep },
        }),
      ),
    ];
  });
}

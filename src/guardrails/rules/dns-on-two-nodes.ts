/** DNS has at least two replicas, and they cannot be on the same node. */
import type { Cluster } from '../../cluster/cluster.js';
import { numberAt, show } from '../../manifest/json.js';
import { isRetired } from '../argo.js';
import type { Guardrail, Violation } from '../guardrail.js';
import { exclusionOf } from '../spread.js';
import type { Workload } from '../workloads.js';

export const dnsOnTwoNodes: Guardrail = {
  id: 'dns-on-two-nodes',
  severity: 'error',
  lesson: 'One CoreDNS pod on one node: the reboot of that node took name resolution from the whole cluster.',
  incident: 'pvek8s-rc-1-scheduler',
  check: ({ cluster, workloads }) => {
    if (cluster.nodes.length < 2) return [];
    return workloads
      .filter((workload) => isDns(workload) && !isRetired(workload.manifest))
      .flatMap((workload) => faults(cluster, workload));
  },
};

const isDns = ({ kind, manifest: { metadata } }: Workload): boolean =>
  kind === 'Deployment' && metadata.namespace === 'kube-system' && /^(coredns|kube-dns)$/.test(metadata.name);

function faults(cluster: Cluster, workload: Workload): readonly Violation[] {
  const replicas = numberAt(workload.manifest, 'spec', 'replicas');
  return [
    ...(replicas !== undefined && replicas >= 2
      ? []
      : [
          {
            where: workload.where,
            found: `expected at least 2 replicas, got ${show(replicas)}`,
            mend: 'set `dns: { replicas: 2 }`',
          },
        ]),
    ...(exclusionOf(cluster, workload) === 'none'
      ? [
          {
            where: workload.where,
            found: 'expected a rule that keeps replicas on different nodes, got none or a preferred one',
            mend: 'require pod anti-affinity on kubernetes.io/hostname, or a topology spread with DoNotSchedule',
          },
        ]
      : []),
  ];
}

/** CoreDNS is on as many nodes as described, and stays somewhere when one goes down. */
import type { Cluster } from '../../../cluster/cluster.js';
import { wantedDns } from '../../../cluster/patches.js';
import type { HealthCheck } from '../facts.js';
import { ONE_COREDNS } from '../incidents.js';
import { isReady, nodeOf } from '../live.js';
import { isTerminating } from '../pod.js';
import { saying } from '../saying.js';

const { pass, fail, unknown } = saying('coredns');

const SUBJECT = 'Deployment kube-system/coredns';
const SHOW = 'kubectl -n kube-system get pods -l k8s-app=kube-dns -o wide';

export const corednsCheck: HealthCheck = {
  id: 'coredns',
  summary: 'CoreDNS is ready on two nodes, where the description asks for it, and on one that stays up',
  asks: ['pods'],
  answer: ({ cluster, node, of }) => {
    const pods = of('pods');
    if (!pods.ok) return [unknown(SUBJECT, pods.failure)];
    if (pods.value.length === 0) return [unknown(SUBJECT, 'the cluster reports no pods at all')];
    const ready = pods.value.filter(
      (pod) =>
        pod.metadata.namespace === 'kube-system' &&
        pod.metadata.labels?.['k8s-app'] === 'kube-dns' &&
        isReady(pod) &&
        !isTerminating(pod),
    );
    const on = [...new Set(ready.flatMap((pod) => nodeOf(pod) ?? []))].sort();
    const found = on.length === 0 ? 'ready on no node' : `ready on ${on.join(', ')}`;
    if (node !== null && cluster.nodes.length === 1)
      return [pass(SUBJECT, `${found}: the only node, and names resolve nowhere while it is down`)];
    const wanted = node === null ? wantedNodes(cluster) : 1;
    if (on.filter((name) => name !== node).length >= wanted) return [pass(SUBJECT, found)];
    return [
      fail(SUBJECT, {
        expected:
          node === null
            ? `ready on ${wanted} ${wanted === 1 ? 'node' : 'nodes'}`
            : `ready on a node other than ${node}`,
        found,
        next: on.length > 0 && wantedDns(cluster) === null ? 'describe dns: { replicas: 2 }' : SHOW,
        incident: ONE_COREDNS,
      }),
    ];
  },
};

/** Both distributions bring one; more there are where the description asks. */
const wantedNodes = (cluster: Cluster): number => Math.min(2, wantedDns(cluster)?.replicas ?? 1, cluster.nodes.length);

/**
 * Who may open connections to which pods.
 *
 * Nothing here speaks of egress: a pod that is not named stays as it is, and no rule opens a way to an NFS server.
 */
import type { App } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { ApplicationChart } from '../../argo/application-chart.js';
import type { NetworkPolicy } from '../../cluster/cluster.js';

/** The API server sets it on every namespace, so nobody can claim another's name by a label. */
const NAMESPACE_LABEL = 'kubernetes.io/metadata.name';

export function addNetworkPolicies(app: App, policies: readonly NetworkPolicy[]): void {
  const chart = new ApplicationChart(app, 'network-policies', {
    ownership: 'owned',
    description: 'Who may open connections to which pods.',
    namespaces: [...new Set(policies.map(({ namespace }) => namespace))],
  });
  for (const { name, namespace, pods, allowFromNamespaces, ports } of policies) {
    new k8s.KubeNetworkPolicy(chart, `${namespace}-${name}`, {
      metadata: { name, namespace },
      spec: {
        podSelector: { matchLabels: Object.fromEntries(pods) },
        policyTypes: ['Ingress'],
        ingress: [
          {
            from: allowFromNamespaces.map((from) => ({
              namespaceSelector: { matchLabels: { [NAMESPACE_LABEL]: from } },
            })),
            ports: ports?.map((port) => ({ protocol: 'TCP', port: k8s.IntOrString.fromNumber(port) })),
          },
        ],
      },
    });
  }
}

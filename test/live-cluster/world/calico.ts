/** calico-node as MicroK8s's own manifest brings it, as far as a simulated node has any use for it. */
import type { Kubectl } from '../bench/kubectl.js';
import { createAs } from './create.js';

const NAME = 'calico-node';

export function installCalico(bench: Kubectl): void {
  const labels = { 'k8s-app': NAME };
  createAs(bench, 'kubectl-client-side-apply', [
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: NAME, namespace: 'kube-system', labels },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            hostNetwork: true,
            tolerations: [{ operator: 'Exists' }],
            containers: [{ name: NAME, image: 'calico/node:v3.28.1' }],
          },
        },
      },
    },
  ]);
}

/** cloudflared as its chart leaves it: field manager `helm`, and the labels by which Helm knows its release. */
import type { Manifest } from '../../../src/manifest/manifest.js';
import type { Kubectl } from '../bench/kubectl.js';
import { createAs, namespace } from './create.js';

const NAME = 'cloudflared';
const SELECTOR = { 'app.kubernetes.io/name': NAME, 'app.kubernetes.io/instance': NAME };

export function installCloudflared(bench: Kubectl, replicas: number): void {
  createAs(bench, 'kubectl-create', [namespace(NAME)]);
  createAs(bench, 'helm', [deployment(replicas)]);
}

const deployment = (replicas: number): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: NAME,
    namespace: NAME,
    annotations: { 'meta.helm.sh/release-name': NAME, 'meta.helm.sh/release-namespace': NAME },
    labels: { ...SELECTOR, 'app.kubernetes.io/managed-by': 'Helm', 'app.kubernetes.io/version': '2026.3.0' },
  },
  spec: {
    replicas,
    selector: { matchLabels: SELECTOR },
    template: {
      metadata: { labels: SELECTOR },
      spec: {
        containers: [
          {
            name: NAME,
            image: 'cloudflare/cloudflared:2026.3.0',
            args: ['tunnel', '--no-autoupdate', '--metrics', '0.0.0.0:2000', 'run'],
            livenessProbe: { httpGet: { path: '/ready', port: 2000 }, failureThreshold: 1, initialDelaySeconds: 10 },
          },
        ],
      },
    },
  },
});

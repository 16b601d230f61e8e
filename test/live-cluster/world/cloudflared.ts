/** cloudflared as its chart leaves it: field manager `helm`, and the labels by which Helm knows its release. */
import type { Manifest } from '../../../src/manifest/manifest.js';
import type { Kubectl } from '../bench/kubectl.js';
import { createAs, namespace } from './create.js';

const NAMESPACE = 'cloudflared';
const RELEASE = { name: NAMESPACE, version: '2026.3.0' };

export function installCloudflared(bench: Kubectl, replicas: number): void {
  createAs(bench, 'kubectl-create', [namespace(NAMESPACE)]);
  createAs(bench, 'helm', [releasedBy({ ...RELEASE, replicas })]);
}

interface HelmRelease {
  readonly name: string;
  readonly version: string;
  readonly replicas: number;
}

/** The release's Deployment, named as the release. */
export function releasedBy({ name, version, replicas }: HelmRelease): Manifest {
  const selector = { 'app.kubernetes.io/name': NAMESPACE, 'app.kubernetes.io/instance': name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace: NAMESPACE,
      annotations: { 'meta.helm.sh/release-name': name, 'meta.helm.sh/release-namespace': NAMESPACE },
      labels: { ...selector, 'app.kubernetes.io/managed-by': 'Helm', 'app.kubernetes.io/version': version },
    },
    spec: {
      replicas,
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: selector },
        spec: {
          containers: [
            {
              name: NAMESPACE,
              image: `cloudflare/cloudflared:${version}`,
              args: ['tunnel', '--no-autoupdate', '--metrics', '0.0.0.0:2000', 'run'],
              livenessProbe: { httpGet: { path: '/ready', port: 2000 }, failureThreshold: 1, initialDelaySeconds: 10 },
            },
          ],
        },
      },
    },
  };
}

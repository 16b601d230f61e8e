/**
 * What is in pvek8s before the first sync, the CRDs of the bench aside: MicroK8s's CoreDNS, cloudflared from its chart,
 * and the namespaces of what else runs there.
 */
import type { Kubectl } from '../bench/kubectl.js';
import { installCloudflared } from './cloudflared.js';
import { createAs, namespace } from './create.js';
import { enableDns } from './microk8s.js';

export function pvek8sWorld(bench: Kubectl): void {
  createAs(
    bench,
    'kubectl-create',
    ['ingress-nginx', 'observability', 'openebs', 'vaultwarden'].map((name) => namespace(name)),
  );
  enableDns(bench);
  installCloudflared(bench, 2);
}

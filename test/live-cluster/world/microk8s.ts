/** CoreDNS as MicroK8s installs it: a person types `microk8s enable dns`, and that is plain `kubectl apply`. */
import type { Kubectl } from '../bench/kubectl.js';
import { kubectlApply, withServiceAccountsFirst } from './create.js';
import { upstream } from './fixtures.js';

/** The first time and each later one. */
export function enableDns(bench: Kubectl): void {
  kubectlApply(bench, withServiceAccountsFirst(upstream('microk8s-coredns')));
}

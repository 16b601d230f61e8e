/**
 * What is in the homelab before the first sync, the CRDs of the bench aside: k3s's CoreDNS, Longhorn, and the namespaces
 * and Secrets that operators and their owner brought.
 */
import type { Cluster } from '../../../src/cluster/cluster.js';
import type { Kubectl } from '../bench/kubectl.js';
import { createAs, namespace, secret, serviceAccount } from './create.js';
import { installK3sCoredns } from './k3s.js';
import { installLonghorn } from './longhorn.js';

/** The server whose deploy controller wrote CoreDNS. */
const K3S_SERVER = 'jarvis';

export function homelabWorld(bench: Kubectl, cluster: Cluster): void {
  createAs(bench, 'kubectl-create', [
    namespace('monitoring'),
    namespace('system-upgrade'),
    serviceAccount('system-upgrade', 'system-upgrade'),
    secret('local-path-backup-ssh-key', 'kube-system', 'id_ed25519'),
    secret('grafana-admin', 'monitoring', 'admin-user', 'admin-password'),
    secret('alert-receivers', 'monitoring', 'page', 'message'),
  ]);
  installK3sCoredns(bench, K3S_SERVER);
  installLonghorn(bench, {
    version: cluster.longhorn?.version ?? '1.11.3',
    sidecars: cluster.longhorn?.csiSpread?.replicas ?? 3,
  });
}

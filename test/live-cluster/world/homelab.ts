/**
 * What is in the homelab before the first sync: k3s's CoreDNS, Longhorn, and the CRDs, namespaces and Secrets that the
 * charts' operators and their owner brought.
 */
import type { Cluster } from '../../../src/cluster/cluster.js';
import type { Bench } from '../bench/bench.js';
import { createAs, namespace, secret, serviceAccount } from './create.js';
import { crdsOf } from './fixtures.js';
import { installK3sCoredns } from './k3s.js';
import { installLonghorn } from './longhorn.js';

/** The server whose deploy controller wrote CoreDNS. */
export const K3S_SERVER = 'jarvis';

export function homelabWorld(bench: Bench, cluster: Cluster): void {
  createAs(bench, 'helm', crdsOf('monitoring.coreos.com'));
  createAs(bench, 'kubectl-create', [
    ...crdsOf('cattle.io'),
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

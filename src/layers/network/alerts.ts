/** Alerts on the ways in which the network took nodes down: kernel NFS mounts, and Calico after a reboot. */
import type { Cluster } from '../../cluster/cluster.js';
import { type RuleGroup, ruleGroups } from '../rule-group.js';
import { CALICO_NOT_RESTARTED, CALICO_RESTARTING } from './calico-alerts.js';
import { CLUSTER_IP_RULES_MISSING } from './cluster-ip-alert.js';
import { NFS_MOUNT_ON_NODE } from './nfs-alert.js';

export function networkAlerts({ calico, hosts, longhorn }: Cluster): readonly RuleGroup[] {
  const nfsAskedFor = longhorn?.backupTarget.kind === 'kernel-nfs';
  return ruleGroups('network', [
    ...(nfsAskedFor ? [] : [NFS_MOUNT_ON_NODE]),
    ...(calico ? [CALICO_RESTARTING, CALICO_NOT_RESTARTED] : []),
    ...(hosts.some(({ checks }) => checks !== null) ? [CLUSTER_IP_RULES_MISSING] : []),
  ]);
}

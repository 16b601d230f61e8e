/** Alerts on the two ways in which the network took nodes down: kernel NFS mounts, and Calico after a reboot. */
import type { Cluster } from '../../cluster/cluster.js';
import { describeDuration, hours, minutes } from '../../cluster/duration.js';
import { byNode, promql, UPTIME } from '../promql.js';
import { type AlertRule, type RuleGroup, ruleGroups } from '../rule-group.js';

export function networkAlerts({ calico, longhorn }: Cluster): readonly RuleGroup[] {
  const nfsAskedFor = longhorn?.backupTarget.kind === 'kernel-nfs';
  return ruleGroups('network', [
    ...(nfsAskedFor ? [] : [NFS_MOUNT_ON_NODE]),
    ...(calico ? [CALICO_RESTARTING, CALICO_NOT_RESTARTED] : []),
  ]);
}

const NFS_TRAFFIC = minutes(10);

const NFS_MOUNT_ON_NODE: AlertRule = {
  kind: 'alert',
  name: 'NfsMountOnNode',
  // The file-system collector leaves out mounts below /var/lib/kubelet and those of other mount namespaces; the kernel's
  // own count of NFS calls does not. A mount that hangs has no size any more, only an error.
  expr: byNode(promql`
    (
      count by (namespace, pod) (node_filesystem_size_bytes{fstype=~"nfs.*"})
      or
      count by (namespace, pod) (node_filesystem_device_error{fstype=~"nfs.*"})
      or
      (sum by (namespace, pod) (increase(node_nfs_rpcs_total[${NFS_TRAFFIC}])) > 0)
    )`),
  for: minutes(5),
  severity: 'critical',
  summary: 'A node has an NFS file system mounted by its kernel.',
  description:
    '{{ $labels.node }} talks NFS. When the server goes away, every task that touches the mount hangs where nothing can kill it, and takes the node with it.',
};

/** The start that belongs to the reboot counts one; three more are a loop. */
const RESTARTS = { more: 2, within: minutes(30) };
const AFTER_REBOOT = hours(1);

const CALICO_RESTARTING: AlertRule = {
  kind: 'alert',
  name: 'CalicoNodeRestartingAfterReboot',
  expr: promql`
    (
      max by (node) (
        max by (namespace, pod) (
          increase(kube_pod_container_status_restarts_total{container="calico-node"}[${RESTARTS.within}])
        )
        * on (namespace, pod) group_left (node)
          max by (namespace, pod, node) (kube_pod_info{node!=""})
      ) > ${RESTARTS.more}
    )
    and on (node) ${UPTIME} < ${AFTER_REBOOT.seconds}`,
  for: null,
  severity: 'warning',
  summary: `calico-node restarted more than ${RESTARTS.more} times in ${describeDuration(RESTARTS.within)} on a node that booted within the last ${describeDuration(AFTER_REBOOT)}.`,
  description: 'calico-node does not come up on {{ $labels.node }} after its reboot: pods there have no network.',
};

const CALICO_NOT_RESTARTED: AlertRule = {
  kind: 'alert',
  name: 'CalicoNodeNotRestartedAfterReboot',
  // Both times are the node's clock.
  expr: promql`
    max by (node) (
      max by (namespace, pod) (kube_pod_container_state_started{container="calico-node"})
      * on (namespace, pod) group_left (node)
        max by (namespace, pod, node) (kube_pod_info{node!=""})
    )
    < on (node)
    ${byNode('node_boot_time_seconds')}`,
  for: minutes(15),
  severity: 'critical',
  summary: 'calico-node is said to run since before its node booted.',
  description:
    'calico-node on {{ $labels.node }} has not been started since the node booted. Felix may go on with its old picture and leave out the rules for Service addresses: connections to ClusterIPs are dropped silently.',
};

/** An alert on an NFS file system that a node's own kernel has mounted. */
import { minutes } from '../../cluster/duration.js';
import { byNode, promql } from '../promql.js';
import type { AlertRule } from '../rule-group.js';

const NFS_TRAFFIC = minutes(10);

export const NFS_MOUNT_ON_NODE: AlertRule = {
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

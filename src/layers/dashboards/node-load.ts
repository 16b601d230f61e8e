/** What the node has to carry. */
import { promql } from '../promql.js';
import { ofChosen } from './chosen.js';
import type { PanelSpec } from './panel.js';

export const LOAD: readonly PanelSpec[] = [
  {
    kind: 'timeseries',
    title: 'Tasks blocked in the kernel',
    description:
      'Processes in uninterruptible sleep. Now and then a few are normal. A number that stays up is a mount or a disk that hangs.',
    queries: [{ expr: ofChosen('node_procs_blocked'), legend: '{{node}}' }],
    unit: 'short',
    width: 12,
  },
  {
    kind: 'timeseries',
    title: 'CPU in use',
    description:
      'Share of all cores; a fifth is normal. In the black hole it was 12 %: low does not mean well. 85 % in a backup window froze a node.',
    queries: [
      {
        expr: promql`1 - ${ofChosen('avg by (namespace, pod) (rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval]))')}`,
        legend: '{{node}}',
      },
    ],
    unit: 'percentunit',
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'Memory in use',
    description: 'Share that is not available to new programs. Around a half is normal. Near 100 % the kernel kills.',
    queries: [
      {
        expr: promql`1 - ${ofChosen('(node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)')}`,
        legend: '{{node}}',
      },
    ],
    unit: 'percentunit',
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'NFS calls of the kernel, in 10 min',
    description:
      'None is normal: nothing of ours mounts NFS on a node. When its server goes away, all who touch the mount hang.',
    queries: [{ expr: ofChosen('sum by (namespace, pod) (increase(node_nfs_rpcs_total[10m]))'), legend: '{{node}}' }],
    unit: 'short',
    width: 8,
    // A kernel without the NFS client has no such series.
    emptyMeans: 'No NFS client is loaded',
  },
];

/** node-exporter, with the folder in which programs on the hosts leave their metrics. */
import { TEXTFILE_FOLDER } from '../../host/host-state.js';

const MOUNTED_AT = '/host/textfile';

export const nodeExporterValues = (resources: object) => ({
  // A list replaces the chart's own, so the chart's two arguments stand here again.
  extraArgs: [...CHART_ARGUMENTS, `--collector.textfile.directory=${MOUNTED_AT}`],
  extraHostVolumeMounts: [
    // Created where it is missing: without it the pod would not start on a node that nothing writes metrics on.
    { name: 'textfile', hostPath: TEXTFILE_FOLDER, type: 'DirectoryOrCreate', mountPath: MOUNTED_AT, readOnly: true },
  ],
  resources,
  prometheus: {
    // The chart names a node by address and port only; the rules and dashboards speak of nodes by name.
    monitor: { relabelings: [{ sourceLabels: ['__meta_kubernetes_pod_node_name'], targetLabel: 'node' }] },
  },
});

const CHART_ARGUMENTS = [
  '--collector.filesystem.mount-points-exclude=^/(dev|proc|sys|run/containerd/.+|var/lib/docker/.+|var/lib/kubelet/.+)($|/)',
  '--collector.filesystem.fs-types-exclude=^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs|erofs)$',
];

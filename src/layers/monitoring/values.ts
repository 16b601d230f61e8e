/** The values of kube-prometheus-stack: where it runs, what it scrapes, how much it may use. */
import type { ChartMonitoring, Cluster } from '../../cluster/cluster.js';
import { requiredNodeAffinity } from '../../manifest/node-affinity.js';
import { nodeExporterValues } from './node-exporter-values.js';

export const kubePrometheusStackValues = (
  cluster: Cluster,
  { requiredNode, releaseName, storage, grafanaAdminSecret }: ChartMonitoring,
) => {
  // Required: a preference is given up just when its node is not ready, and all of this lands on the control plane.
  const affinity = { nodeAffinity: requiredNodeAffinity('In', [requiredNode.name]) };
  return {
    ...controlPlaneValues(cluster),
    alertmanager: {
      alertmanagerSpec: {
        affinity,
        resources: resources('20m', '64Mi', '128Mi'),
        alertmanagerConfigSelector: { matchLabels: { release: releaseName } },
        // Otherwise what silences what would hold for alerts of the stack's own namespace only.
        alertmanagerConfigMatcherStrategy: { type: 'OnNamespaceExceptForAlertmanagerNamespace' },
      },
    },
    grafana: {
      // The chart makes up a password at each rendering, and Argo CD would restart Grafana with each of them.
      ...(grafanaAdminSecret && { admin: { existingSecret: grafanaAdminSecret } }),
      affinity,
      // What it takes on a Raspberry Pi is about 300 MB, and 700 MB for Prometheus: asked for, so that it is kept free.
      resources: resources('50m', '320Mi', '512Mi'),
      sidecar: {
        // Every dashboard is a ConfigMap in Git, in whatever namespace; these are the labels by which it is found.
        dashboards: {
          enabled: true,
          label: 'grafana_dashboard',
          labelValue: '1',
          searchNamespace: 'ALL',
          // The annotation that names a dashboard's folder counts only with both of these.
          folderAnnotation: 'grafana_folder',
          provider: { foldersFromFilesStructure: true },
        },
      },
    },
    'kube-state-metrics': { affinity, resources: resources('20m', '64Mi', '192Mi') },
    'prometheus-node-exporter': nodeExporterValues(resources('20m', '32Mi', '64Mi')),
    prometheusOperator: {
      affinity,
      resources: resources('20m', '64Mi', '192Mi'),
      admissionWebhooks: { patch: { affinity } },
      prometheusConfigReloader: { resources: resources('10m', '32Mi', '64Mi') },
    },
    prometheus: {
      additionalServiceMonitors: longhornMonitors(cluster),
      prometheusSpec: {
        affinity,
        resources: resources('200m', '768Mi', '1536Mi'),
        retention: '10d',
        // What is older goes before the volume is full, or the disk of a Raspberry Pi under pressure.
        retentionSize: storage ? `${Math.floor(storage.gibibytes * 0.8)}GiB` : '6GiB',
        ...(storage && { storageSpec: claim(storage) }),
      },
    },
  };
};

const claim = ({ gibibytes, storageClass }: NonNullable<ChartMonitoring['storage']>) => ({
  volumeClaimTemplate: {
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: storageClass,
      resources: { requests: { storage: `${gibibytes}Gi` } },
    },
  },
});

/** Longhorn's own chart scrapes itself only when told to; without its metrics the alerts on volumes are blind. */
const longhornMonitors = ({ longhorn }: Cluster) =>
  longhorn === null
    ? []
    : [
        {
          name: 'longhorn',
          selector: { matchLabels: { app: 'longhorn-manager' } },
          namespaceSelector: { matchNames: [longhorn.namespace] },
          endpoints: [{ port: 'manager' }],
        },
      ];

/** No limit on the processor: throttled scrapes look like a node that does not answer. */
const resources = (cpu: string, memory: string, limit: string) => ({
  requests: { cpu, memory },
  limits: { memory: limit },
});

/**
 * The control plane is one process in both distributions. k3s answers with everybody's metrics on the kubelet's and
 * the API server's ports, so scraping the rest finds nothing and its "is down" alerts never end.
 */
function controlPlaneValues({ distribution, nodes }: Cluster) {
  const off = { enabled: false };
  if (distribution.name === 'k3s') {
    return { kubeControllerManager: off, kubeScheduler: off, kubeProxy: off, kubeEtcd: off };
  }
  const endpoints = nodes.filter(({ role }) => role === 'control-plane').map(({ address }) => address);
  return { kubeControllerManager: { endpoints }, kubeScheduler: { endpoints }, kubeProxy: off, kubeEtcd: off };
}

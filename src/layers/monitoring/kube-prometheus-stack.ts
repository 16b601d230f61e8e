/** The Application that installs Prometheus, Alertmanager and Grafana from their chart. */
import type { App } from 'cdk8s';
import { ApplicationChart } from '../../argo/application-chart.js';
import type { ChartMonitoring, Cluster } from '../../cluster/cluster.js';
import { CHARTS } from '../../cluster/versions.js';
import { kubePrometheusStackValues } from './values.js';

export function addKubePrometheusStack(app: App, cluster: Cluster, namespace: string, chart: ChartMonitoring): void {
  const { releaseName, requiredNode } = chart;
  new ApplicationChart(app, 'monitoring', {
    ownership: 'helm',
    description: `Prometheus, Alertmanager and Grafana, on ${requiredNode.name}.`,
    // The chart's Services for control-plane metrics are in kube-system.
    namespaces: [namespace, 'kube-system'],
    clusterKinds: [
      '/Namespace',
      'admissionregistration.k8s.io/MutatingWebhookConfiguration',
      'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
      'apiextensions.k8s.io/CustomResourceDefinition',
      'rbac.authorization.k8s.io/ClusterRole',
      'rbac.authorization.k8s.io/ClusterRoleBinding',
    ],
    helm: { ...CHARTS.kubePrometheusStack, releaseName, values: kubePrometheusStackValues(cluster, chart) },
  });
}

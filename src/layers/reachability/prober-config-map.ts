/** Carries the prober for a host outside the cluster to where its owner can fetch it; no pod reads it. */
import { k8s } from 'cdk8s-plus-28';
import type { ApplicationChart } from '../../argo/application-chart.js';

export function addProberConfigMap(
  chart: ApplicationChart,
  namespace: string,
  files: Readonly<Record<string, string>>,
): void {
  new k8s.KubeConfigMap(chart, 'ProberFiles', {
    metadata: { name: 'reachability-prober', namespace },
    data: { ...files },
  });
}

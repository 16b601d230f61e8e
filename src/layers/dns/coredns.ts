/** The Application that keeps CoreDNS on more than one node. */
import type { App } from 'cdk8s';
import { ApplicationChart } from '../../argo/application-chart.js';
import { ForeignPatch } from '../../argo/foreign-patch.js';
import type { Cluster, Dns } from '../../cluster/cluster.js';
import { k3sCoredns } from './k3s-coredns.js';
import { microk8sCoredns, microk8sOriginal } from './microk8s-coredns.js';

export function addCoredns(app: App, { distribution, images }: Cluster, { replicas }: Dns): void {
  const chart = new ApplicationChart(app, 'coredns', {
    ownership: 'foreign-patch',
    description: 'CoreDNS with replicas on different nodes.',
    namespaces: ['kube-system'],
  });
  new ForeignPatch(
    chart,
    'Deployment',
    distribution.corednsAppliedBy === 'controller'
      ? { form: 'partial', manifest: k3sCoredns(replicas) }
      : {
          form: 'whole',
          manifest: microk8sCoredns(images.coredns, replicas),
          retired: microk8sOriginal(images.coredns),
        },
  );
}

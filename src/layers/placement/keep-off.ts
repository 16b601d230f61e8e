/**
 * Keeps Deployments of others off certain nodes.
 *
 * The list of node selector terms is replaced whole: a Deployment that already requires nodes of its own loses that
 * requirement, and is to be changed where it is described instead.
 */
import type { App } from 'cdk8s';
import { ApplicationChart } from '../../argo/application-chart.js';
import { ForeignPatch } from '../../argo/foreign-patch.js';
import type { KeepOff } from '../../cluster/cluster.js';
import { requiredNodeAffinity } from '../../manifest/node-affinity.js';

export function addKeepOff(app: App, entries: readonly KeepOff[]): void {
  const chart = new ApplicationChart(app, 'keep-off', {
    ownership: 'foreign-patch',
    description: 'Deployments that must not run on certain nodes.',
    namespaces: [...new Set(entries.map(({ namespace }) => namespace))],
  });
  for (const { namespace, deployment, nodes } of entries) {
    const avoided = nodes.map(({ name }) => name);
    new ForeignPatch(chart, `${namespace}-${deployment}`, {
      form: 'partial',
      manifest: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: deployment, namespace },
        spec: { template: { spec: { affinity: { nodeAffinity: requiredNodeAffinity('NotIn', avoided) } } } },
      },
    });
  }
}

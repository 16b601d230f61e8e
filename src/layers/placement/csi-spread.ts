/**
 * Spreads each of Longhorn's CSI sidecars over the nodes.
 *
 * Longhorn asks for that only as a wish, and all eight sidecars landed on one node. It has no setting for a spread
 * constraint, and its own hard anti-affinity cannot roll out with as many replicas as nodes.
 *
 * The replicas are never patched: a count that differs from what Longhorn's driver deployer was told makes it replace
 * the Deployment at its next start, and the spread is gone with it.
 */
import type { App } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-28';
import { ApplicationChart } from '../../argo/application-chart.js';
import { ForeignPatch } from '../../argo/foreign-patch.js';
import type { Longhorn } from '../../cluster/cluster.js';
import { HOSTNAME_LABEL } from '../../manifest/node-affinity.js';

const SIDECARS = ['csi-attacher', 'csi-provisioner', 'csi-resizer', 'csi-snapshotter'] as const;

export function addCsiSpread(app: App, { namespace }: Longhorn): void {
  const chart = new ApplicationChart(app, 'longhorn-csi-spread', {
    ownership: 'foreign-patch',
    description: "Longhorn's CSI sidecars, spread over the nodes.",
    namespaces: [namespace],
  });
  for (const name of SIDECARS) {
    new ForeignPatch(chart, name, {
      form: 'partial',
      manifest: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name, namespace },
        spec: { template: { spec: { topologySpreadConstraints: [spreadOf(name)] } } },
      },
    });
  }
}

const spreadOf = (app: string) =>
  ({
    maxSkew: 1,
    topologyKey: HOSTNAME_LABEL,
    whenUnsatisfiable: 'DoNotSchedule',
    // A node that is down is tainted and does not count; otherwise its share of the pods would wait for it.
    nodeTaintsPolicy: 'Honor',
    // Only pods of the same revision are compared, or a rolling update would be held up by the pods that it replaces.
    matchLabelKeys: ['pod-template-hash'],
    labelSelector: { matchLabels: { app } },
  }) satisfies k8s.TopologySpreadConstraint;

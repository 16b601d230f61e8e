/** What must be on a node, or must not, is required to be: never preferred. */

import { at, everyField, type Field, listAt, show } from '../../manifest/json.js';
import { describe } from '../../manifest/manifest.js';
import { isRetired } from '../argo.js';
import type { Guardrail, Violation } from '../guardrail.js';
import type { HelmValues } from '../helm-values.js';
import type { Inspection } from '../inspection.js';
import { eligibleNodes } from '../nodes.js';

export const requiredPlacement: Guardrail = {
  id: 'required-placement',
  severity: 'error',
  lesson:
    'Preferred sounds safer, and it is not: when one node was not ready, all its pods were evicted at once, and what only preferred it goes to the control plane.',
  incident: 'nov-30-black-hole',
  check: (inspection) => [...monitoring(inspection), ...keptOff(inspection), ...critical(inspection)],
};

const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

/** Where kube-prometheus-stack takes the placement of the parts that weigh. */
const HEAVY_PARTS = [
  ['prometheus', 'prometheusSpec'],
  ['alertmanager', 'alertmanagerSpec'],
  ['grafana'],
  ['prometheusOperator'],
] as const;

function monitoring({ cluster, helmValues }: Inspection): readonly Violation[] {
  const chart = cluster.monitoring?.chart;
  if (!chart) return [];
  const node = chart.requiredNode;
  const releases = helmValues.filter(({ releaseName }) => releaseName === chart.releaseName);
  if (releases.length === 0)
    return [
      {
        where: 'monitoring.requiredNode',
        found: `expected an Application with the release ${show(chart.releaseName)} on ${show(node.name)}, got none`,
        mend: 'let the monitoring layer render its Application',
      },
    ];
  return releases.flatMap(({ where, values }) => [
    ...preferences(where, values),
    ...HEAVY_PARTS.flatMap((path): readonly Violation[] => {
      const pod = at(values, ...path);
      const nodes = eligibleNodes(cluster, pod).map(({ name }) => name);
      return nodes.length === 1 && nodes[0] === node.name
        ? []
        : [
            {
              where: `${where}, ${path.join('.')}`,
              found: `expected to be bound to node ${show(node.name)} alone, got nodes ${show(nodes)}`,
              mend: `set nodeSelector or required node affinity to kubernetes.io/hostname ${node.name}`,
            },
          ];
    }),
  ]);
}

const preferences = (where: string, values: HelmValues['values']): readonly Violation[] =>
  everyField(values)
    .filter(({ path, value }) => path.endsWith(`nodeAffinity.${PREFERRED}`) && Array.isArray(value) && value.length > 0)
    .map(({ path }) => ({
      where: `${where}, ${path}`,
      found: 'expected required node affinity, got preferred',
      mend: 'use requiredDuringSchedulingIgnoredDuringExecution: waiting is better than landing on the control plane',
    }));

function keptOff({ cluster, workloads }: Inspection): readonly Violation[] {
  return cluster.keepOff.flatMap(({ namespace, deployment, nodes }) => {
    const workload = workloads.find(
      ({ kind, manifest: { metadata } }) =>
        kind === 'Deployment' && metadata.namespace === namespace && metadata.name === deployment,
    );
    const where = `keepOff, Deployment ${namespace}/${deployment}`;
    if (workload === undefined)
      return [
        { where, found: 'expected a patch of the Deployment, got none', mend: 'let the placement layer render it' },
      ];
    if (isRetired(workload.manifest)) return [];
    const reachable = nodes.filter((node) => eligibleNodes(cluster, workload.pod).includes(node));
    return reachable.length === 0
      ? []
      : [
          {
            where: workload.where,
            found: `expected required node affinity away from ${nodes.map(({ name }) => name).join(', ')}, got ${reachable.map(({ name }) => name).join(', ')} still eligible`,
            mend: 'use requiredDuringSchedulingIgnoredDuringExecution with kubernetes.io/hostname NotIn',
          },
        ];
  });
}

/** The annotation, or the priority, by which a workload says that it is critical. */
const CRITICAL = 'selfheal.dev/critical';

const isCritical = (annotations: Field): boolean => at(annotations, CRITICAL) === 'true';

const critical = ({ workloads }: Inspection): readonly Violation[] =>
  workloads
    .filter(({ annotations, manifest }) => isCritical(annotations) || isCritical(manifest.metadata.annotations))
    .filter(({ pod }) => listAt(pod, 'affinity', 'nodeAffinity', PREFERRED).length > 0)
    .map(({ manifest }) => ({
      where: describe(manifest),
      found: 'expected required node affinity (the workload is marked critical), got preferred',
      mend: 'use requiredDuringSchedulingIgnoredDuringExecution',
    }));

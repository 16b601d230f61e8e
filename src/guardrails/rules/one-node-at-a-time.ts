/** Nodes are rebooted and upgraded one after another, each only when the one before is healthy. */
import type { Cluster } from '../../cluster/cluster.js';
import { at, numberAt, show } from '../../manifest/json.js';
import { describe, type Manifest } from '../../manifest/manifest.js';
import type { Guardrail, Violation } from '../guardrail.js';
import { eligibleNodes, selectedNodes } from '../nodes.js';
import type { Workload } from '../workloads.js';

export const oneNodeAtATime: Guardrail = {
  id: 'one-node-at-a-time',
  severity: 'error',
  lesson:
    'All three nodes were rebooted at once for a kernel; the cluster came back Ready and scheduled nothing for four hours.',
  incident: 'pvek8s-rc-1-scheduler',
  check: ({ cluster, objects, workloads }) => {
    const plans = objects.map(({ manifest }) => manifest).filter(({ kind }) => kind === 'Plan');
    return [
      ...plans.flatMap(parallel),
      ...ungated(cluster, plans),
      ...workloads.flatMap((workload) => rollsWide(cluster, workload)),
    ];
  },
};

function parallel(plan: Manifest): readonly Violation[] {
  const concurrency = numberAt(plan, 'spec', 'concurrency');
  return concurrency === 1
    ? []
    : [
        {
          where: describe(plan),
          found: `expected concurrency 1, got ${show(concurrency)}`,
          mend: 'set spec.concurrency to 1',
        },
      ];
}

/**
 * A Plan goes to its next node as soon as the Job on the last one has ended, healthy or not. Only the very first node
 * of all may be without a gate.
 */
function ungated(cluster: Cluster, plans: readonly Manifest[]): readonly Violation[] {
  const open = plans.filter((plan) => at(plan, 'spec', 'prepare') === undefined);
  return open.flatMap((plan, index): readonly Violation[] => {
    const nodes = selectedNodes(cluster, at(plan, 'spec', 'nodeSelector'));
    const roles = new Set(nodes.map(({ role }) => role));
    const isFirst = index === 0;
    if (isFirst && nodes.length === 1 && (plans.length === 1 || !roles.has('control-plane'))) return [];
    return [
      {
        where: describe(plan),
        found: `expected a gate (spec.prepare) before ${nodes.map(({ name }) => name).join(', ')}${isFirst ? '' : `, after ${open[0] ? describe(open[0]) : ''}`}, got none`,
        mend: 'let spec.prepare wait until every node that was upgraded before is Ready and healthy',
      },
    ];
  });
}

/** A roll-out of privileged pods changes hosts: two at a time are two hosts that may not come back. */
function rollsWide(cluster: Cluster, workload: Workload): readonly Violation[] {
  const { kind, manifest, containers, pod, where } = workload;
  const isPrivileged = containers.some(({ fields }) => at(fields, 'securityContext', 'privileged') === true);
  if (kind !== 'DaemonSet' || !isPrivileged) return [];
  const value = at(manifest, 'spec', 'updateStrategy', 'rollingUpdate', 'maxUnavailable') ?? 1;
  const percent = typeof value === 'string' ? /^(\d+)%$/.exec(value)?.[1] : undefined;
  const nodes = eligibleNodes(cluster, pod).length;
  // The controller rounds up.
  const count = percent === undefined ? Number(value) : Math.ceil((Number(percent) * nodes) / 100);
  return count <= 1
    ? []
    : [
        {
          where,
          found: `expected a roll-out of one node at a time, got maxUnavailable ${show(value)}`,
          mend: 'set maxUnavailable to 1',
        },
      ];
}

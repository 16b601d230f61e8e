/** Alerts on what the prober outside the cluster sees, and on a prober that sees nothing. */
import type { Cluster } from '../../cluster/cluster.js';
import { describeDuration, minutes } from '../../cluster/duration.js';
import { promql } from '../promql.js';
import { type RuleGroup, ruleGroups } from '../rule-group.js';
import { REACHABILITY_JOB } from './job.js';

/** Longer than a restart of the machine that the prober runs on. */
const PROBER_SILENT = minutes(10);

export function reachabilityAlerts({ reachability }: Cluster): readonly RuleGroup[] {
  if (reachability === null || reachability.prober === null) return [];
  const { tolerate, prober } = reachability;
  return ruleGroups('reachability', [
    {
      kind: 'alert',
      name: 'NodeUnreachableFromOutside',
      expr: promql`max by (instance) (probe_success{job="${REACHABILITY_JOB}"}) == 0`,
      for: tolerate,
      severity: 'critical',
      summary: `A node has not answered a prober outside the cluster for ${describeDuration(tolerate)}.`,
      description:
        '{{ $labels.instance }} does not answer from outside. Its kernel may be running and its network dark: the node itself would not know.',
    },
    {
      kind: 'alert',
      name: 'OutsideProberSilent',
      expr: promql`absent(probe_success{job="${REACHABILITY_JOB}"})`,
      for: PROBER_SILENT,
      severity: 'warning',
      summary: `The prober outside the cluster has given no answer for ${describeDuration(PROBER_SILENT)}.`,
      description: `Prometheus gets nothing from the blackbox exporter at ${prober}: whether the nodes can be reached from outside is unknown.`,
    },
  ]);
}

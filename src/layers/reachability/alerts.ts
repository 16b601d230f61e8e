/** Alerts on what the prober outside the cluster sees, and on a prober that sees nothing. */
import type { Cluster } from '../../cluster/cluster.js';
import { type Duration, describeDuration, minutes } from '../../cluster/duration.js';
import { PLANNED_WORDS, UNLESS_PLANNED } from '../planned-reboot.js';
import { promql } from '../promql.js';
import { type RuleGroup, ruleGroups } from '../rule-group.js';
import { REACHABILITY_JOB } from './job.js';

/** Longer than a restart of the machine that the prober runs on. */
const PROBER_SILENT = minutes(10);

/** A scrape of the Probes may be 25 s old, and Prometheus looks at its rules every 30 s: the rest is `for`. */
const SEEN_LATE = minutes(1);

/** One scrape without an answer is a lost packet. */
const SHORTEST: Duration = { seconds: 30 };

const silentFor = ({ seconds }: Duration): Duration => ({
  seconds: Math.max(seconds - SEEN_LATE.seconds, SHORTEST.seconds),
});

export function reachabilityAlerts({ reachability }: Cluster): readonly RuleGroup[] {
  if (reachability === null || reachability.prober === null) return [];
  const { tolerate, prober } = reachability;
  return ruleGroups('reachability', [
    {
      kind: 'alert',
      name: 'NodeUnreachableFromOutside',
      // Both labels have the node's name; rules that mute others match by `node`.
      expr: promql`
        max by (node, instance) (probe_success{job="${REACHABILITY_JOB}"}) == 0
        ${UNLESS_PLANNED}`,
      for: silentFor(tolerate),
      severity: 'critical',
      summary: `A node has not answered a prober outside the cluster for ${describeDuration(silentFor(tolerate))}.`,
      description: `{{ $labels.node }} does not answer from outside, and was not ${PLANNED_WORDS}. Its kernel may be running and its network dark: the node itself would not know.`,
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

/** Alerts on what the prober outside the cluster sees, and on a prober that sees nothing. */
import type { Cluster } from '../../cluster/cluster.js';
import { type Duration, describeDuration, minutes } from '../../cluster/duration.js';
import { PLANNED, PLANNED_WORDS } from '../planned-reboot.js';
import { promql } from '../promql.js';
import { type RuleGroup, ruleGroups } from '../rule-group.js';
import { REACHABILITY_JOB } from './job.js';

/** Longer than a restart of the machine that the prober runs on. */
const PROBER_SILENT = minutes(10);

/** A planned reboot takes a few minutes. A node that stays cordoned for days is no less dark than another. */
const PLANNED_TAKES = minutes(15);

const ANSWERED = `probe_success{job="${REACHABILITY_JOB}"}`;

/** A scrape of the Probes may be 25 s old, and Prometheus looks at its rules every 30 s: the rest is `for`. */
const SEEN_LATE = minutes(1);

/** One scrape without an answer is a lost packet. */
const SHORTEST: Duration = { seconds: 30 };

const silentFor = ({ seconds }: Duration): Duration => ({
  seconds: Math.max(seconds - SEEN_LATE.seconds, SHORTEST.seconds),
});

export function reachabilityAlerts({ reachability }: Cluster): readonly RuleGroup[] {
  if (reachability === null || reachability.prober === null) return [];
  const { nodes, tolerate, prober } = reachability;
  return ruleGroups('reachability', [
    {
      kind: 'alert',
      name: 'NodeUnreachableFromOutside',
      // Both labels have the node's name; rules that mute others match by `node`.
      expr: promql`
        max by (node, instance) (${ANSWERED}) == 0
        unless on (node) (
          ${PLANNED}
          and on (node)
          max by (node) (max_over_time(${ANSWERED}[${PLANNED_TAKES}])) == 1
        )`,
      for: silentFor(tolerate),
      severity: 'critical',
      summary: `A node has not answered a prober outside the cluster for ${describeDuration(silentFor(tolerate))}.`,
      description: `{{ $labels.node }} does not answer from outside, and was not ${PLANNED_WORDS}, or has been silent for longer than ${describeDuration(PLANNED_TAKES)}. Its kernel may be running and its network dark: the node itself would not know.`,
    },
    {
      kind: 'alert',
      name: 'OutsideProberSilent',
      // Asked for each node: one whose target is lost looks like one that answers.
      expr: promql`
        count by (job) (
          ${nodes.map(({ name }) => `absent(probe_success{job="${REACHABILITY_JOB}",node="${name}"})`).join('\nor\n')}
        )`,
      for: PROBER_SILENT,
      severity: 'warning',
      summary: `The prober outside the cluster has said nothing about a node for ${describeDuration(PROBER_SILENT)}.`,
      description: `Of {{ $value }} nodes Prometheus gets nothing from the blackbox exporter at ${prober}: whether they can be reached from outside is unknown.`,
    },
  ]);
}

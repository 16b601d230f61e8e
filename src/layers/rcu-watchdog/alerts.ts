/** Alerts on what the watchdog does and will not do; what it sees is in sight-alerts.ts. They need the textfile collector. */
import type { Cluster } from '../../cluster/cluster.js';
import { type Duration, describeDuration, hours, minutes } from '../../cluster/duration.js';
import { byNode, promql, UPTIME } from '../promql.js';
import { type AlertRule, type RecordingRule, type RuleGroup, ruleGroups } from '../rule-group.js';
import { sightRules } from './sight-alerts.js';
import { isStream, isTimer, stillWatched, type Watched, watchedGroups } from './watched.js';

/** By node and not by exporter pod: a counter that begins anew with each pod would look like no reboot at all. */
const REBOOTS = 'node:selfheal_watchdog_reboots:max';

/** A peer's reboot takes two minutes, and the peer then holds for three more. */
const HELD_TOO_LONG = minutes(10);

export function rcuWatchdogAlerts(cluster: Cluster): readonly RuleGroup[] {
  const watched = watchedGroups(cluster);
  if (watched.length === 0) return [];
  return ruleGroups('rcu-watchdog', [
    REBOOTS_RECORD,
    rebooted(watched),
    budgetSpent(watched),
    held(watched),
    ...blackHole(watched),
    ...sightRules(watched),
  ]);
}

const REBOOTS_RECORD: RecordingRule = {
  kind: 'record',
  name: REBOOTS,
  expr: byNode('selfheal_watchdog_reboots_total'),
};

/** The news is up for an hour from when the metrics are back: at once, or after the grace of a timer. */
function rebooted(watched: readonly Watched[]): AlertRule {
  const silence = Math.max(0, ...watched.filter(isTimer).map(({ rcuWatchdog }) => rcuWatchdog.startupGrace.seconds));
  const news: Duration = { seconds: silence + hours(1).seconds };
  const before: Duration = { seconds: news.seconds + hours(1).seconds };
  return {
    kind: 'alert',
    name: 'RcuWatchdogRebootedNode',
    expr: promql`
      (${REBOOTS} - min_over_time(${REBOOTS}[${before}]) > 0)
      and on (node) ${UPTIME} < ${news.seconds}`,
    for: null,
    severity: 'warning',
    summary: `The RCU stall watchdog rebooted a node within the last ${describeDuration(news)}.`,
    description:
      'The kernel of {{ $labels.node }} stalled and its watchdog rebooted it. The evidence lies on the node.',
  };
}

const budgetSpent = (watched: readonly Watched[]): AlertRule => ({
  kind: 'alert',
  name: 'RcuWatchdogBudgetSpent',
  expr: promql`
    ${byNode('selfheal_watchdog_budget_remaining')} == 0
    ${stillWatched(watched)}`,
  for: null,
  severity: 'critical',
  summary: 'The RCU stall watchdog has used up its reboots and only reports now.',
  description:
    'Reboots did not cure the stalls of {{ $labels.node }}. Its watchdog will not reboot it again before the node has been healthy for a while: a person has to look.',
});

const held = (watched: readonly Watched[]): AlertRule => ({
  kind: 'alert',
  name: 'RcuWatchdogHeld',
  expr: promql`
    ${byNode('selfheal_watchdog_held')} == 1
    ${stillWatched(watched)}`,
  for: HELD_TOO_LONG,
  severity: 'critical',
  summary: `A node has needed a reboot for ${describeDuration(HELD_TOO_LONG)}, and its RCU stall watchdog is held back.`,
  description:
    'The kernel of {{ $labels.node }} stalls enough for a reboot, but another node must not be alone, or the reboot cannot be written down. Its status says which: a person has to decide.',
});

/** Later than the last of them would have gone: each waits three minutes more than the one before. */
const BLACK_HOLE_STAGGER = minutes(3);

function blackHole(watched: readonly Watched[]): readonly AlertRule[] {
  const afters = watched.filter(isStream).flatMap(({ rcuWatchdog }) => rcuWatchdog.blackHole?.after.seconds ?? []);
  if (afters.length === 0) return [];
  const count = watched.flatMap(({ nodes }) => nodes).length;
  const lasting: Duration = { seconds: Math.max(...afters) + count * BLACK_HOLE_STAGGER.seconds };
  return [
    {
      kind: 'alert',
      name: 'RcuWatchdogBlackHole',
      expr: promql`
        ${byNode('selfheal_watchdog_black_hole')} == 1
        ${stillWatched(watched)}`,
      for: lasting,
      severity: 'critical',
      summary: `A node has said for ${describeDuration(lasting)} that its network is gone, and its RCU stall watchdog has not rebooted it.`,
      description:
        '{{ $labels.node }} reaches neither its gateway nor any other node. As far as it can tell a reboot would not mend that, or it may not: look at the switch, the router and the cable first.',
    },
  ];
}

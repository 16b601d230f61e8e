/** Alerts on what the watchdog writes for node-exporter, and on its silence. */
import type { Cluster, HostGroup } from '../../cluster/cluster.js';
import { type Duration, describeDuration, hours, minutes } from '../../cluster/duration.js';
import { anyOf, byNode, promql, UPTIME } from '../promql.js';
import { type AlertRule, type RecordingRule, type RuleGroup, ruleGroups } from '../rule-group.js';

/** By node and not by exporter pod: a counter that begins anew with each pod would look like no reboot at all. */
const REBOOTS = 'node:selfheal_watchdog_reboots:max';

/** Two checks may fall victim to a busy disk; five in a row do not. */
const MISSED_CHECKS = 5;

/** The leak of April 6 to 8: 726 stalls in 30.5 hours, six in each quarter of an hour, below both thresholds. */
const LEAK_SEEN_FOR = hours(6);

type Watched = HostGroup & { readonly rcuWatchdog: NonNullable<HostGroup['rcuWatchdog']> };

/** The watchdog's metrics come through the textfile collector; without it, none of these alerts could ever be true. */
export function rcuWatchdogAlerts({ hosts, monitoring }: Cluster): readonly RuleGroup[] {
  const watched = hosts.filter((group): group is Watched => group.rcuWatchdog !== null);
  if (watched.length === 0 || !monitoring?.textfileCollector) return [];
  // One set of alerts for all nodes: where their watchdogs differ, the slower one decides.
  const grace = longest(watched.map(({ rcuWatchdog }) => rcuWatchdog.startupGrace));
  const checkEvery = longest(watched.map(({ rcuWatchdog }) => rcuWatchdog.checkEvery));
  return ruleGroups('rcu-watchdog', [
    REBOOTS_RECORD,
    rebooted(grace),
    BUDGET_SPENT,
    silent(watched, grace, { seconds: MISSED_CHECKS * checkEvery.seconds }),
    ...watched.map(leak),
  ]);
}

const REBOOTS_RECORD: RecordingRule = {
  kind: 'record',
  name: REBOOTS,
  expr: byNode('selfheal_watchdog_reboots_total'),
};

/** After the grace the watchdog runs again, so the news is up for an hour more. */
function rebooted(grace: Duration): AlertRule {
  const news: Duration = { seconds: grace.seconds + hours(1).seconds };
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
      'RCU stalls on {{ $labels.node }} crossed a threshold and its watchdog rebooted it. The evidence lies on the node.',
  };
}

const BUDGET_SPENT: AlertRule = {
  kind: 'alert',
  name: 'RcuWatchdogBudgetSpent',
  expr: promql`${byNode('selfheal_watchdog_budget_remaining')} == 0`,
  for: null,
  severity: 'critical',
  summary: 'The RCU stall watchdog has used up its reboots and only reports now.',
  description:
    'Reboots did not cure the stalls of {{ $labels.node }}. Its watchdog will not reboot it again before the node has been healthy for a while: a person has to look.',
};

function silent(watched: readonly Watched[], grace: Duration, silence: Duration): AlertRule {
  const nodes = anyOf(watched.flatMap((group) => group.nodes.map(({ name }) => name)));
  return {
    kind: 'alert',
    name: 'RcuWatchdogSilent',
    // Both times are the node's own: a clock that is wrong, but wrong in both, does not matter.
    expr: promql`
      (
        (
          ${byNode('node_time_seconds')}
          - on (node)
          ${byNode('node_textfile_mtime_seconds{file=~".*/selfheal_watchdog[.]prom"}')}
        ) > ${silence.seconds}
        or
        ${byNode('selfheal_watchdog_up')} == 0
        or
        (
          ${UPTIME}
          unless on (node)
            ${byNode('selfheal_watchdog_up')}
        )
      )
      and on (node) ${UPTIME}{node=~"${nodes}"} > ${grace.seconds + silence.seconds}`,
    for: minutes(5),
    severity: 'warning',
    summary: `The RCU stall watchdog of a node has not looked at the kernel log for ${describeDuration(silence)}, or cannot.`,
    description:
      'The watchdog of {{ $labels.node }} left no fresh metrics, or says that it cannot tell. Until it runs again nothing reboots the node before its network goes dark.',
  };
}

/** Half of the sustained threshold on average: above the usual 0 to 2 in ten minutes, below what makes it act. */
function leak(group: Watched): AlertRule {
  const { stalls, within } = group.rcuWatchdog.sustained;
  const average = stalls / 2;
  const nodes = anyOf(group.nodes.map(({ name }) => name));
  return {
    kind: 'alert',
    name: 'RcuStallsChronic',
    expr: promql`
      ${byNode(promql`avg_over_time(selfheal_watchdog_stalls{window="sustained"}[${LEAK_SEEN_FOR}])`)} > ${average}
      and on (node) ${UPTIME}{node=~"${nodes}"} > ${LEAK_SEEN_FOR.seconds}`,
    for: null,
    severity: 'warning',
    summary: `A node has had more than ${average} RCU stalls in ${describeDuration(within)} on average for ${describeDuration(LEAK_SEEN_FOR)}.`,
    description:
      '{{ $labels.node }} stalls all the time, though never enough for its watchdog (now {{ $value | printf "%.1f" }} on average). The last time this went on, the node froze after 30 hours.',
  };
}

const longest = (durations: readonly Duration[]): Duration => ({
  seconds: Math.max(...durations.map(({ seconds }) => seconds)),
});

/** The alert on a watchdog that says nothing, or that it cannot tell. */
import { type Duration, describeDuration, minutes } from '../../cluster/duration.js';
import { byNode, promql, rewritten, UPTIME } from '../promql.js';
import type { AlertRule } from '../rule-group.js';
import { nodesOf, type Stream, type Timer, type Watched } from './watched.js';

/** How often the stream form writes its metrics. */
const METRICS_EVERY: Duration = { seconds: 60 };

/** Two of them may fall victim to a busy disk; five in a row do not. */
const MISSED = 5;

export function silentAlert(streams: readonly Watched<Stream>[], timers: readonly Watched<Timer>[]): AlertRule {
  const rounds = [
    { nodes: nodesOf(streams), every: METRICS_EVERY, first: { seconds: 0 } },
    // Where their times differ, the slowest decides.
    {
      nodes: nodesOf(timers),
      every: longest(timers.map(({ rcuWatchdog }) => rcuWatchdog.checkEvery)),
      first: longest(timers.map(({ rcuWatchdog }) => rcuWatchdog.startupGrace)),
    },
  ]
    .filter(({ nodes }) => nodes !== '')
    .map(({ nodes, every, first }) => ({ nodes, first, silence: { seconds: MISSED * every.seconds } }));
  return {
    kind: 'alert',
    name: 'RcuWatchdogSilent',
    expr: rounds
      .map(({ nodes, first, silence }) =>
        silentFor(silence, `${UPTIME}{node=~"${nodes}"} > ${first.seconds + silence.seconds}`),
      )
      .join('\nor\n'),
    for: minutes(5),
    severity: 'warning',
    summary: `The RCU stall watchdog of a node has written no metrics for ${rounds.map(({ silence }) => describeDuration(silence)).join(' or ')}, or cannot read the kernel log.`,
    description:
      'The watchdog of {{ $labels.node }} left no fresh metrics, or says that it cannot tell. Until it runs again nothing reboots the node before its network goes dark.',
  };
}

/** Asked of the nodes that should have written by now: no file, an old one and "cannot tell" are all silence. */
const silentFor = (silence: Duration, expected: string): string => promql`
  ${expected}
  unless on (node) (
    ${rewritten('selfheal_watchdog', silence)}
    and on (node)
    ${byNode('selfheal_watchdog_up')} == 1
  )`;

const longest = (durations: readonly Duration[]): Duration => ({
  seconds: Math.max(...durations.map(({ seconds }) => seconds)),
});

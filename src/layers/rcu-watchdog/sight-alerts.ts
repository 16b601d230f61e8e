/** Alerts on what the watchdog sees in the kernel log, and on what it cannot see. */
import { type Duration, describeDuration, hours, minutes } from '../../cluster/duration.js';
import { byNode, promql, UPTIME } from '../promql.js';
import type { AlertRule } from '../rule-group.js';
import { isStream, isTimer, nodesOf, type Stream, type Timer, type Watched } from './watched.js';

/** How often the stream form writes its metrics. */
const METRICS_EVERY: Duration = { seconds: 60 };

/** Two of them may fall victim to a busy disk; five in a row do not. */
const MISSED = 5;

/** The leak of April 6 to 8: 726 stalls in 30.5 hours, six in each quarter of an hour, below both thresholds of v3. */
const LEAK_SEEN_FOR = hours(6);

/** What is counted since boot is news for so long. */
const NEWS = hours(1);

/** A container that outgrows its own limit is killed too: that is Kubernetes at work as long as it is rare. */
const MANY_OOM_KILLS = 5;

export function sightAlerts(watched: readonly Watched[]): readonly AlertRule[] {
  const [streams, timers] = [watched.filter(isStream), watched.filter(isTimer)];
  return [
    silent(streams, timers),
    chronic([...counted(streams), ...timers.map(averaged)]),
    ...(streams.length > 0 ? [LOST_LINES, UNCALIBRATED, KERNEL_TROUBLES] : []),
  ];
}

function silent(streams: readonly Watched<Stream>[], timers: readonly Watched<Timer>[]): AlertRule {
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
    .map((round) => ({ ...round, silence: MISSED * round.every.seconds }));
  return {
    kind: 'alert',
    name: 'RcuWatchdogSilent',
    expr: rounds
      .map(({ nodes, first, silence }) =>
        silentFor(silence, `${UPTIME}{node=~"${nodes}"} > ${first.seconds + silence}`),
      )
      .join('\nor\n'),
    for: minutes(5),
    severity: 'warning',
    summary: `The RCU stall watchdog of a node has written no metrics for ${rounds.map(({ silence }) => `${silence} seconds`).join(' or ')}, or cannot read the kernel log.`,
    description:
      'The watchdog of {{ $labels.node }} left no fresh metrics, or says that it cannot tell. Until it runs again nothing reboots the node before its network goes dark.',
  };
}

/** Both times are the node's own: a clock that is wrong, but wrong in both, does not matter. */
const silentFor = (seconds: number, expected: string): string => promql`
  (
    (
      ${byNode('node_time_seconds')}
      - on (node)
      ${byNode('node_textfile_mtime_seconds{file=~".*/selfheal_watchdog[.]prom"}')}
    ) > ${seconds}
    or
    ${byNode('selfheal_watchdog_up')} == 0
    or
    (
      ${UPTIME}
      unless on (node)
        ${byNode('selfheal_watchdog_up')}
    )
  )
  and on (node) ${expected}`;

interface Leak {
  readonly expr: string;
  readonly says: string;
  readonly isHealed: boolean;
}

function chronic(leaks: readonly Leak[]): AlertRule {
  const healed = leaks.some(({ isHealed }) => isHealed)
    ? 'A watchdog with a maintenance window reboots its node in it.'
    : 'Nothing reboots it for that.';
  return {
    kind: 'alert',
    name: 'RcuStallsChronic',
    expr: leaks.map(({ expr }) => expr).join('\nor\n'),
    for: null,
    severity: 'warning',
    summary: `A node has had ${leaks.map(({ says }) => says).join(', or ')}.`,
    description: `{{ $labels.node }} stalls all the time (now {{ $value | printf "%.0f" }} in the window), though never enough at once for a reboot. The last time this went on, the node froze after 30 hours. ${healed}`,
  };
}

/** The watchdogs count them themselves; Prometheus need not remember for hours. */
function counted(streams: readonly Watched<Stream>[]): readonly Leak[] {
  const settings = new Map(
    streams.map(({ rcuWatchdog: { chronic } }) => [`${chronic.stalls} ${chronic.within.seconds}`, chronic]),
  );
  return [...settings.values()].map(({ stalls, within }) => {
    const alike = streams.filter(
      ({ rcuWatchdog: { chronic } }) => chronic.stalls === stalls && chronic.within.seconds === within.seconds,
    );
    return {
      expr: promql`
        ${byNode('selfheal_watchdog_stalls{window="chronic"}')} >= ${stalls}
        and on (node) ${UPTIME}{node=~"${nodesOf(alike)}"}`,
      says: `${stalls} RCU stalls or more in ${describeDuration(within)}`,
      isHealed: alike.some(({ rcuWatchdog: { chronic } }) => chronic.action !== 'alert'),
    };
  });
}

/** Half of the sustained threshold on average: above the usual 0 to 2 in ten minutes, below what makes it act. */
function averaged(group: Watched<Timer>): Leak {
  const { stalls, within } = group.rcuWatchdog.sustained;
  return {
    expr: promql`
      ${byNode(promql`avg_over_time(selfheal_watchdog_stalls{window="sustained"}[${LEAK_SEEN_FOR}])`)} > ${stalls / 2}
      and on (node) ${UPTIME}{node=~"${nodesOf([group])}"} > ${LEAK_SEEN_FOR.seconds}`,
    says: `more than ${stalls / 2} RCU stalls in ${describeDuration(within)} on average for ${describeDuration(LEAK_SEEN_FOR)}`,
    isHealed: false,
  };
}

/** By node and kind: how many more than before. */
const more = (kinds: string): string =>
  byNode(promql`increase(selfheal_watchdog_events_total{kind=~"${kinds}"}[${NEWS}])`, 'kind');

const LOST_LINES: AlertRule = {
  kind: 'alert',
  name: 'RcuWatchdogLostKernelLines',
  expr: promql`${more('lost|unparsed')} > 0`,
  for: null,
  severity: 'warning',
  summary: `The RCU stall watchdog of a node missed kernel lines, or did not understand some, within ${describeDuration(NEWS)}.`,
  description:
    '{{ $labels.node }} logged faster than its ring buffer holds (kind "lost"), or something that looks like a stall and is none that the watchdog knows (kind "unparsed"): {{ $labels.kind }}, {{ $value | printf "%.0f" }}. Stalls among them were not counted.',
};

const UNCALIBRATED: AlertRule = {
  kind: 'alert',
  name: 'RcuWatchdogUncalibrated',
  expr: promql`${byNode('selfheal_watchdog_calibrated')} == 0`,
  for: minutes(15),
  severity: 'info',
  summary:
    "The RCU stall watchdog of a node does not know its kernel's stall time-outs and takes its thresholds as they are.",
  description:
    'The watchdog of {{ $labels.node }} could not read HZ or the RCU stall time-outs. If this kernel reports stalls slowly, a burst of them cannot reach its threshold.',
};

const KERNEL_TROUBLES: AlertRule = {
  kind: 'alert',
  name: 'NodeKernelTroubles',
  expr: promql`
    ${more('hung-task|soft-lockup|hard-lockup|nfs-not-responding')} > 0
    or
    ${more('oom-kill')} > ${MANY_OOM_KILLS}`,
  for: null,
  severity: 'warning',
  summary: `The kernel of a node logged hung tasks, lockups, a silent NFS server or more than ${MANY_OOM_KILLS} OOM kills within ${describeDuration(NEWS)}.`,
  description:
    'The kernel of {{ $labels.node }} logged {{ $labels.kind }} {{ $value | printf "%.0f" }} times. These came before or with the outages of the incidents; the watchdog does not reboot for them.',
};

const longest = (durations: readonly Duration[]): Duration => ({
  seconds: Math.max(...durations.map(({ seconds }) => seconds)),
});

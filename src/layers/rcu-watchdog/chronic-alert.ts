/** The alert on a kernel that stalls all the time, and never enough at once for a reboot. */
import { type Duration, describeDuration, hours } from '../../cluster/duration.js';
import { byNode, promql, UPTIME } from '../promql.js';
import type { AlertRule, RecordingRule } from '../rule-group.js';
import { isStream, isTimer, nodesOf, type Stream, type Timer, type Watched } from './watched.js';

/** The leak of April 6 to 8: 726 stalls in 30.5 hours, six in each quarter of an hour, below both thresholds of v3. */
const LEAK_SEEN_FOR = hours(6);

/** So much must have been seen at the far end of that: the average of a few minutes is none of six hours. */
const FAR_END = hours(1);

const STALLS = 'node:selfheal_watchdog_stalls:max';

/** By node and not by exporter pod: six hours outlive many an exporter's pod. */
export const STALLS_RECORD: RecordingRule = {
  kind: 'record',
  name: STALLS,
  expr: byNode('selfheal_watchdog_stalls', 'window'),
};

interface Leak {
  readonly expr: string;
  readonly says: string;
  readonly isHealed: boolean;
}

export function chronicAlert(watched: readonly Watched[]): AlertRule {
  const leaks = [...counted(watched.filter(isStream)), ...watched.filter(isTimer).map(averaged)];
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
  const earlier: Duration = { seconds: LEAK_SEEN_FOR.seconds - FAR_END.seconds };
  return {
    expr: promql`
      max by (node) (avg_over_time(${STALLS}{window="sustained"}[${LEAK_SEEN_FOR}])) > ${stalls / 2}
      and on (node) ${UPTIME}{node=~"${nodesOf([group])}"} > ${LEAK_SEEN_FOR.seconds}
      and on (node) count_over_time(${STALLS}{window="sustained"}[${FAR_END}] offset ${earlier})`,
    says: `more than ${stalls / 2} RCU stalls in ${describeDuration(within)} on average for ${describeDuration(LEAK_SEEN_FOR)}`,
    isHealed: false,
  };
}

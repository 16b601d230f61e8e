/** Alerts on what the watchdog sees in the kernel log, and on what it cannot see. */
import { describeDuration, hours, minutes } from '../../cluster/duration.js';
import { byNode, promql } from '../promql.js';
import type { AlertRule, RuleGroup } from '../rule-group.js';
import { chronicAlert, STALLS_RECORD } from './chronic-alert.js';
import { silentAlert } from './silent-alert.js';
import { isStream, isTimer, type Stream, stillWatched, type Watched } from './watched.js';

/** What is counted since boot is news for so long. */
const NEWS = hours(1);

/** A container that outgrows its own limit is killed too: that is Kubernetes at work as long as it is rare. */
const MANY_OOM_KILLS = 5;

const EVENTS = 'node:selfheal_watchdog_events:max';

export function sightRules(watched: readonly Watched[]): RuleGroup['rules'] {
  const [streams, timers] = [watched.filter(isStream), watched.filter(isTimer)];
  return [
    silentAlert(streams, timers),
    ...(timers.length > 0 ? [STALLS_RECORD] : []),
    chronicAlert(watched),
    ...(streams.length > 0 ? ofStreams(streams) : []),
  ];
}

const ofStreams = (streams: readonly Watched<Stream>[]): RuleGroup['rules'] => [
  // By node and not by exporter pod: an event is no less news when the exporter's pod is replaced.
  { kind: 'record', name: EVENTS, expr: byNode('selfheal_watchdog_events_total', 'kind') },
  LOST_LINES,
  uncalibrated(streams),
  KERNEL_TROUBLES,
];

/** By node and kind: how many more than before. Whole ones: Prometheus 3 makes a little more than five out of five. */
const more = (kinds: string): string => promql`round(increase(${EVENTS}{kind=~"${kinds}"}[${NEWS}]))`;

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

const uncalibrated = (streams: readonly Watched[]): AlertRule => ({
  kind: 'alert',
  name: 'RcuWatchdogUncalibrated',
  expr: promql`
    ${byNode('selfheal_watchdog_calibrated')} == 0
    ${stillWatched(streams)}`,
  for: minutes(15),
  severity: 'info',
  summary:
    "The RCU stall watchdog of a node does not know its kernel's stall time-outs and takes its thresholds as they are.",
  description:
    'The watchdog of {{ $labels.node }} could not read HZ or the RCU stall time-outs. If this kernel reports stalls slowly, a burst of them cannot reach its threshold.',
});

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

/** Alerts on reboots, and on a hardware watchdog that would not cause one when it should. */
import type { Cluster } from '../../cluster/cluster.js';
import { describeDuration, hours, minutes } from '../../cluster/duration.js';
import { sourceOf } from '../metric-sources.js';
import { PLANNED_RECORD, PLANNED_WORDS, UNLESS_PLANNED } from '../planned-reboot.js';
import { anyOf, byNode, promql, UPTIME } from '../promql.js';
import { type AlertRule, type RecordingRule, type RuleGroup, ruleGroups } from '../rule-group.js';
import { MISSING_METRICS } from './missing-metrics-alerts.js';

/** Long enough to be seen by somebody who looks at the phone twice an hour. */
const JUST_BOOTED = minutes(15);

/** A node that was away for hours still has a sample from before; the black hole of November 30 lasted two hours. */
const REMEMBERED = hours(24);

/** The loop of April 3 made ten reboots in three hours; two in six hours are a bad day. */
const REPEATED = { reboots: 3, within: hours(6) };

/** node-exporter sees the watchdog as soon as it runs; a systemd that was not told to arm it never will. */
const UNARMED_FOR = minutes(15);

const WATCHDOG_INFO = 'node_watchdog_info';

export const kernelAlerts = (cluster: Cluster): readonly RuleGroup[] =>
  ruleGroups('kernel', [
    UPTIME_RECORD,
    PLANNED_RECORD,
    NODE_UNEXPECTED_REBOOT,
    NODE_REPEATED_REBOOTS,
    ...hardwareWatchdog(cluster),
    ...MISSING_METRICS,
  ]);

const UPTIME_RECORD: RecordingRule = {
  kind: 'record',
  name: UPTIME,
  expr: byNode('(node_time_seconds - node_boot_time_seconds)'),
};

const NODE_UNEXPECTED_REBOOT: AlertRule = {
  kind: 'alert',
  name: 'NodeUnexpectedReboot',
  expr: promql`
    (resets(${UPTIME}[${REMEMBERED}]) > 0 and on (node) ${UPTIME} < ${JUST_BOOTED.seconds})
    ${UNLESS_PLANNED}`,
  for: null,
  severity: 'warning',
  summary: `A node booted within the last ${describeDuration(JUST_BOOTED)} without its reboot having been planned.`,
  description: `{{ $labels.node }} booted and had not been ${PLANNED_WORDS}: a panic, a watchdog, a power cut, or a person who did not cordon it.`,
};

const NODE_REPEATED_REBOOTS: AlertRule = {
  kind: 'alert',
  name: 'NodeRepeatedReboots',
  expr: promql`resets(${UPTIME}[${REPEATED.within}]) >= ${REPEATED.reboots}`,
  for: null,
  severity: 'critical',
  summary: `A node booted ${REPEATED.reboots} times or more in ${describeDuration(REPEATED.within)}.`,
  description: `{{ $labels.node }} booted {{ $value }} times in ${describeDuration(REPEATED.within)}: something reboots it in a loop.`,
};

function hardwareWatchdog({ hosts }: Cluster): readonly AlertRule[] {
  const nodes = hosts.filter((group) => group.hardwareWatchdog !== null).flatMap((group) => group.nodes);
  if (nodes.length === 0) return [];
  return [
    {
      kind: 'alert',
      name: 'HardwareWatchdogNotArmed',
      expr: promql`
        ${UPTIME}{node=~"${anyOf(nodes.map(({ name }) => name))}"}
        unless on (node)
          ${byNode(`${WATCHDOG_INFO}{state="active"}`)}`,
      for: UNARMED_FOR,
      severity: 'warning',
      summary: `A node has run for ${describeDuration(UNARMED_FOR)} without an armed hardware watchdog.`,
      description: `No watchdog device of {{ $labels.node }} is active, or node-exporter shows none at all: if its kernel dies, nothing resets the board. It must be node-exporter ${sourceOf(WATCHDOG_INFO).since} or later, with its watchdog collector.`,
    },
  ];
}

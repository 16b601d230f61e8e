/** Alert on a reboot that nobody makes: what was installed or described to protect a host is not in force there. */
import type { Cluster, RebootSchedule } from '../../cluster/cluster.js';
import { type Duration, describeDuration, hours } from '../../cluster/duration.js';
import type { Weekday } from '../../cluster/spec/values.js';
import { byNode, promql } from '../promql.js';
import type { RuleGroup } from '../rule-group.js';

const days = (count: number): Duration => hours(24 * count);

/** A weekend lies within it: whoever reboots by hand does so when the house can be without the cluster for a moment. */
const BY_HAND = days(7);

/** After the window that should have done it: a long roll goes on after the window's end. */
const MARGIN_DAYS = 1;

/** Longer than an exporter or a pod of ours takes to be replaced: a gap is no reboot. */
const GAP = hours(1);

/** By node, so that a new exporter's pod changes nothing. */
const PENDING = 'node:selfheal_reboot_pending:max';

/**
 * Asked of what Prometheus remembers instead of with `for`, which begins anew after an hour without Prometheus and with
 * each change of the rule. By the hour, so that a week costs little.
 */
export function rebootPendingRules({ reboots: { schedule } }: Cluster): RuleGroup['rules'] {
  const waits = schedule === null ? BY_HAND : days(longestPause(schedule.days) + MARGIN_DAYS);
  return [
    { kind: 'record', name: PENDING, expr: byNode('selfheal_reboot_pending') },
    {
      kind: 'alert',
      name: 'NodeRebootPending',
      expr: promql`
        last_over_time(${PENDING}[${GAP}]) == 1
        and
        min_over_time(${PENDING}[${waits}:1h]) == 1
        and
        last_over_time(${PENDING}[1d:1h] offset ${waits}) == 1`,
      for: null,
      severity: 'warning',
      summary: `A reboot of a node has waited for ${describeDuration(waits)}.`,
      description: `${whose(schedule)} A newer kernel is installed, the distribution asks for it, or described kernel arguments are not in force. selfheal reboot --context NAME says which, and changes nothing.`,
    },
  ];
}

const whose = (schedule: RebootSchedule | null): string =>
  schedule === null
    ? '{{ $labels.node }} waits for a reboot, and nobody has made it.'
    : '{{ $labels.node }} waits for a reboot, and the window for it (reboots.schedule) has not brought it.';

const WEEK: readonly Weekday[] = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** From one of the days to the next of them, at the most. */
function longestPause(chosen: readonly Weekday[]): number {
  const found = WEEK.flatMap((day, index) => (chosen.includes(day) ? [index] : []));
  return Math.max(...found.map((day, index) => (found[index + 1] ?? WEEK.length + (found[0] ?? 0)) - day));
}

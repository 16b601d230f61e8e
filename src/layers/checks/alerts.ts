/** Alerts on the checks of the hosts themselves: one that says nothing any more would go on saying that all is well. */
import type { Cluster } from '../../cluster/cluster.js';
import { describeDuration, hours, minutes } from '../../cluster/duration.js';
import { anyOf, byNode, promql, rewritten, UPTIME } from '../promql.js';
import { type AlertRule, type RuleGroup, ruleGroups } from '../rule-group.js';

/** They run each minute, and each of them may take half of one. */
const WRITTEN = minutes(10);
const CONFIRMED = minutes(5);

/** While the API server is away most of them cannot tell; that it is away is told elsewhere. */
const CANNOT_TELL_FOR = hours(1);

export function checksAlerts({ hosts }: Cluster): readonly RuleGroup[] {
  const checked = hosts.filter(({ checks }) => checks !== null).flatMap(({ nodes }) => nodes);
  if (checked.length === 0) return [];
  const silent: AlertRule = {
    kind: 'alert',
    name: 'HostChecksSilent',
    expr: promql`
      ${UPTIME}{node=~"${anyOf(checked.map(({ name }) => name))}"} > ${WRITTEN.seconds}
      unless on (node)
        ${rewritten('selfheal_checks', WRITTEN)}`,
    for: CONFIRMED,
    severity: 'warning',
    summary: `The checks of a host have written nothing for ${describeDuration(WRITTEN)}.`,
    description:
      'What is known of the checks of {{ $labels.node }} is old: its Service addresses may be broken and nobody would be told.',
  };
  return ruleGroups('checks', [silent, CANNOT_TELL]);
}

const CANNOT_TELL: AlertRule = {
  kind: 'alert',
  name: 'HostCheckCannotTell',
  expr: promql`${byNode('selfheal_check_status', 'check')} == 3`,
  for: CANNOT_TELL_FOR,
  severity: 'info',
  summary: `A check of a host has not been able to tell for ${describeDuration(CANNOT_TELL_FOR)}.`,
  description: 'The check {{ $labels.check }} of {{ $labels.node }} answers UNKNOWN: what it looks at is not watched.',
};

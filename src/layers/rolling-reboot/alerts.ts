/** Alerts on a roll that does not come to its end, and on a node that it left. */
import type { Cluster } from '../../cluster/cluster.js';
import { describeDuration } from '../../cluster/duration.js';
import { PLANNED_REBOOT_TAINT } from '../../manifest/planned-reboot-taint.js';
import { promql } from '../promql.js';
import { type RuleGroup, ruleGroups } from '../rule-group.js';

/** On top of a node's own time: an image is pulled; a pod that rolls moves. */
const GRACE_SECONDS = 600;

export function rollingRebootAlerts({ reboots }: Cluster): readonly RuleGroup[] {
  // With or without a schedule: a person's roll leaves a node behind too, and whoever began it may have gone.
  const { drainDeadline, bootDeadline, verifyDeadline } = reboots;
  const seconds = drainDeadline.seconds + bootDeadline.seconds + verifyDeadline.seconds + GRACE_SECONDS;
  const longest = { seconds };
  return ruleGroups('rolling-reboot', [
    {
      kind: 'alert',
      name: 'PlannedRebootStuck',
      expr: promql`max by (node) (kube_node_spec_taint{key="${PLANNED_REBOOT_TAINT}"}) == 1`,
      for: longest,
      severity: 'warning',
      summary: `A roll has had a node out of service for more than ${describeDuration(longest)}, and everything that silences alerts of a planned reboot with it.`,
      description:
        '{{ $labels.node }} carries the mark of a planned reboot and is cordoned. The roll has stopped there or nobody goes on with it: why stands in its annotation selfheal.dev/reboot and on the Lease kube-system/selfheal-reboot.',
    },
  ]);
}

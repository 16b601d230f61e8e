/** The alerts of the layer 'rcu-watchdog'. */
import type { Cluster } from '../../cluster/cluster.js';
import type { RuleGroup } from '../rule-group.js';

export function rcuWatchdogAlerts(_cluster: Cluster): readonly RuleGroup[] {
  return [];
}

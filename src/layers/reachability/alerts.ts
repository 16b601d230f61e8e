/** The alerts of the layer 'reachability'. */
import type { Cluster } from '../../cluster/cluster.js';
import type { RuleGroup } from '../rule-group.js';

export function reachabilityAlerts(_cluster: Cluster): readonly RuleGroup[] {
  return [];
}
